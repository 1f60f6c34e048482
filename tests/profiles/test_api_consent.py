"""What people chose, where they are stated over PUT /api/v1/profiles."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from consent.checking import choices_of
from consent.mirroring import mirror_everything
from consent.models import Suppression
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.profiles.models import Profile
from tests.factories import NOON, agree, make_key

from .test_api import ANNA, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> str:
    return make_key("profiles", vouched=("analytics", "personalization"))


def test_a_refusal_made_under_the_address_keeps_the_person_out(client: Client, key: str) -> None:
    record_choices(
        subject=Subject.of(email="anna@example.org"),
        choices={"analytics": False, "personalization": False},
        mechanism="API",
        now=NOON,
    )

    answer = put(client, ANNA, key).json()

    assert [one["field"] for one in answer["refused"]] == ["consent"]
    assert not choices_of(Subject.of(user_id="anna")).allows("analytics")


def test_consent_known_under_the_address_counts_for_the_account(
    client: Client, consume: Callable[[], None]
) -> None:
    record_choices(
        subject=Subject.of(email="anna@example.org"),
        choices={"personalization": True},
        mechanism="API",
        now=NOON,
    )

    assert put(client, ANNA, make_key("profiles")).json()["accepted"] == 1
    consume()

    assert Profile.objects.get().facts["traits"] == {"plan": "pro"}


@pytest.mark.parametrize(
    "sent",
    [
        {"identifiers": {"crm": "4711", **ANNA["identifiers"]}},
        {"identifiers": {"user": "new"}, "traits": {"email": "anna@example.org"}},
        {"identifiers": {"user": "new"}, "traits": {"E-Mail": "ANNA@example.org"}},
        {"identifiers": {"crm": "4711"}, "traits": {"emailAddress": "anna@example.org"}},
    ],
)
def test_an_erased_address_does_not_come_back(
    client: Client, key: str, consume: Callable[[], None], sent: dict[str, Any]
) -> None:
    pseudonym = Identifier("email", "anna@example.org").pseudonym
    Suppression.objects.create(pseudonym=pseudonym, erased_at=NOON)
    mirror_everything()

    answer = put(client, {**ANNA, **sent}, key)
    consume()

    assert "erased" in answer.json()["refused"][0]["message"]
    assert not Profile.objects.exists()


def test_choices_that_are_stated_count_and_a_grant_never_overrides_a_refusal(
    client: Client,
) -> None:
    key = make_key("profiles")
    agree(user_id="bo", to=("analytics",))

    answer = put(
        client,
        {
            "profiles": [
                {**ANNA, "consent": {"personalization": True, "training": False}},
                {"identifiers": {"user": "bo"}, "consent": {"personalization": True}},
            ]
        },
        key,
    )

    assert answer.json()["accepted"] == 2
    anna = choices_of(Subject.of(user_id="anna"))
    assert anna.allows("personalization")
    assert anna.denied == {"training"}
    assert not choices_of(Subject.of(user_id="bo")).allows("personalization")


def test_who_refuses_all_is_kept_out_and_the_refusal_is_recorded(client: Client, key: str) -> None:
    refusing = {**ANNA, "consent": {"analytics": False, "personalization": False}}

    answer = put(client, refusing, key).json()

    assert answer["refused"][0]["field"] == "consent"
    assert choices_of(Subject.of(email="anna@example.org")).denied == {
        "analytics",
        "personalization",
    }
