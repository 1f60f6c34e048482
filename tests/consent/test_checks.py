"""No place with personal data may be forgotten by every store."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.apps import apps
from pytest_django import Settings

from consent.checks import check_personal_data_stores, personal_places
from consent.choices_store import ChoicesStore
from consent.keyspaces import DECLARED, Keyspace


class AstrayStore(ChoicesStore):
    covers = frozenset({"consent.Fridge", "redis:fridge", "drawer"})


@pytest.fixture
def fridge() -> Iterator[None]:
    Keyspace("fridge", personal=True, purpose="What somebody likes to eat")
    yield
    del DECLARED["fridge"]


def problems() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in check_personal_data_stores(None):
        found.setdefault(str(problem.id), []).append(problem.msg)
    return found


def test_every_place_of_this_project_is_covered() -> None:
    for app in apps.get_app_configs():
        if app.name.split(".")[0] in {"consent", "catalog", "personalization"}:
            for module in pkgutil.walk_packages([app.path], prefix=f"{app.name}."):
                if ".migrations." not in module.name:
                    importlib.import_module(module.name)

    assert problems() == {}


def test_a_prefix_that_no_store_covers_is_an_error(fridge: None) -> None:
    (message,) = problems()["consent.E001"]
    assert message.startswith("redis:fridge ")


def test_a_model_that_no_store_covers_is_an_error(settings: Settings) -> None:
    settings.PERSONAL_DATA_STORES = []

    forgotten = {message.split(" ")[0] for message in problems()["consent.E001"]}

    assert forgotten == set(personal_places())
    assert {"profiles.Profile", "profiles.ProfileMerge", "consent.ConsentRecord"} <= forgotten
    assert "catalog.Item" not in forgotten


def test_a_store_that_covers_what_does_not_exist_is_an_error(settings: Settings) -> None:
    settings.PERSONAL_DATA_STORES = [f"{__name__}.AstrayStore"]

    assert [message.split(" covers ")[1] for message in problems()["consent.E002"]] == [
        "consent.Fridge, which does not exist.",
        "drawer, which does not exist.",
        "redis:fridge, which does not exist.",
    ]


@pytest.mark.parametrize("path", ["consent.nowhere.Store", "consent.choices_store.Nobody", "x"])
def test_a_store_that_cannot_be_imported_is_an_error(settings: Settings, path: str) -> None:
    settings.PERSONAL_DATA_STORES = [path]

    assert path in problems()["consent.E003"][0]
