"""Choices that Segment's messages bring along."""

from typing import Any

import pytest
from django.test import Client

from consent.checking import choices_of
from consent.models import ConsentRecord
from consent.subjects import Subject
from tests.doors.test_segment_api import VOUCHED, post, waiting
from tests.factories import agree, make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(db: None) -> str:
    return make_key("events", vouched=VOUCHED)


def preferring(**preferences: Any) -> dict[str, Any]:
    consent = {"categoryPreferences": preferences}
    return {"event": "x", "userId": "anna", "context": {"consent": consent}}


def test_a_refusal_that_a_message_brings_along_holds_at_once_and_stays(
    client: Client, key: str
) -> None:
    agree(user_id="anna", to=VOUCHED)

    refused = post(client, "/v1/track", preferring(Analytics=False, Personalization=False), key=key)
    later = post(client, "/v1/track", {"event": "x", "userId": "anna"}, key=key)

    assert [one.json()["refused"][0]["field"] for one in (refused, later)] == ["consent"] * 2
    assert waiting() == 0


def test_a_grant_counts_from_a_key_that_may_record_consent_only(client: Client, db: None) -> None:
    agree(user_id="anna", to=())
    message = preferring(Analytics=True)

    post(client, "/v1/track", message, key=make_key("events", vouched=VOUCHED))
    assert waiting() == 0

    post(client, "/v1/track", message, key=make_key("events", "consent"))
    assert waiting() == 1


def test_a_grant_counts_for_an_account_on_a_browser_that_agreed_before(client: Client) -> None:
    agree(anonymous_id="b-1", to=VOUCHED)
    message = preferring(Analytics=True) | {"anonymousId": "b-1"}

    post(client, "/v1/track", message, key=make_key("events", "consent"))

    assert choices_of(Subject.of(user_id="anna")).allows("analytics")


def test_the_same_choice_is_recorded_once(client: Client, key: str) -> None:
    for _ in range(3):
        post(client, "/v1/track", preferring(advertising=False), key=key)

    assert ConsentRecord.objects.filter(purpose="advertising").count() == 1


@pytest.mark.parametrize(
    "odd", [{"Unknown": False}, dict.fromkeys(VOUCHED, "no"), dict.fromkeys(VOUCHED)]
)
def test_a_preference_that_means_nothing_here_changes_nothing(
    client: Client, key: str, odd: dict[str, Any]
) -> None:
    post(client, "/v1/track", preferring(**odd), key=key)

    assert waiting() == 1
