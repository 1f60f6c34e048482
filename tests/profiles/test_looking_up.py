"""People who are looked up, or stay unknown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from consent.subjects import Identifier
from personalization.profiles.models import Profile
from personalization.vault.models import Look
from tests.profiles.test_api import ANNA, URL, key, look, put

__all__ = ["key"]  # the fixture
pytestmark = pytest.mark.django_db


def test_a_person_is_looked_up_without_an_address_in_the_url(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    put(client, ANNA, key)
    consume()

    def ask(body: Any) -> Any:
        return client.post(
            f"{URL}/lookup",
            body,
            content_type="application/json",
            headers={"Authorization": f"Api-Key {key}"},
        )

    found = ask({"kind": "email", "value": "Anna@example.org"})
    assert found.json()["traits"] == {"plan": "pro"}
    assert Look.objects.count() == 1
    digest = Identifier("email", "anna@example.org").pseudonym
    assert look(client, f"pseudonym:{digest}", key).json() == found.json()
    assert ask({"kind": "email", "value": "bo@example.org"}).status_code == 404
    assert {one["field"] for one in ask({}).json()["errors"]} == {"kind", "value"}


def test_strangers_whose_addresses_are_not_known_stay_strangers(
    client: Client, key: str, consume: Callable[[], None]
) -> None:
    traits = {"email": "n/a", "phone": "unknown"}
    people = [{"identifiers": {"user": who}, "traits": traits} for who in ("anna", "bo")]

    assert put(client, {"profiles": people}, key).json()["accepted"] == 2
    consume()

    assert Profile.objects.count() == 2
    assert look(client, "phone:unknown", key).status_code == 404
