"""Whatever is kept has a stated purpose, and the documentation says the same."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from consent.checks import personal_places
from consent.keyspaces import DECLARED, Keyspace
from personalization.config import data_map
from personalization.config.data_map import CATEGORIES, entries, unmapped
from personalization.config.data_map_checks import check_data_map
from personalization.config.data_places import MODELS, PREFIXES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data-map.md"


def printed(*options: str) -> str:
    told = StringIO()
    call_command("data_map", *options, stdout=told)
    return told.getvalue()


def messages() -> list[str]:
    return [problem.msg for problem in check_data_map(None)]


@pytest.fixture
def fridge() -> Iterator[None]:
    Keyspace("fridge", personal=False, purpose="What somebody likes to eat")
    yield
    del DECLARED["fridge"]


def test_every_field_and_prefix_of_this_project_is_mapped() -> None:
    for app in apps.get_app_configs():
        if app.name.split(".")[0] in {"consent", "catalog", "personalization"}:
            for module in pkgutil.walk_packages([app.path], prefix=f"{app.name}."):
                if ".migrations." not in module.name:
                    importlib.import_module(module.name)

    assert messages() == []
    assert set(PREFIXES) == set(DECLARED)


def test_a_field_without_an_entry_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_map, "MODELS", {**MODELS, "vault.Look": {"proof": "id seen_by"}})

    assert unmapped() == ["vault.Look.fields", "vault.Look.profile_id", "vault.Look.seen_at"]


def test_a_prefix_without_an_entry_is_an_error(fridge: None) -> None:
    assert messages() == ["redis:fridge is not in the data map."]


def test_an_entry_for_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_map, "MODELS", {**MODELS, "vault.Cup": {"proof": "id"}})

    assert messages() == ["The data map names vault.Cup.id, which does not exist."]


def test_whatever_leads_to_a_person_names_its_store() -> None:
    without = {entry.place for entry in entries() if not entry.store}

    assert without.isdisjoint(personal_places())


def test_no_category_is_left_unused() -> None:
    assert {entry.category for entry in entries()} == set(CATEGORIES)


def test_the_documentation_is_what_the_command_prints() -> None:
    assert PAGE.read_text() == printed(), "Run: manage.py data_map > docs/data-map.md"


def test_programs_read_the_same() -> None:
    found = json.loads(printed("--json"))

    assert len(found) == len(list(entries()))
    assert found[0]["place"] == "access.ApiKey"
