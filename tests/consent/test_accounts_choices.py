"""What an account agreed to elsewhere is in force, and is shown as such."""

import pytest
from django.test import Client
from pytest_django import Settings

from consent.keyspaces import redis_connection
from consent.recording import record_choices
from consent.subjects import Subject
from tests.factories import NOON, make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(client: Client) -> Client:
    """Sign Anna in, who has agreed to personalization in another browser."""
    subject = Subject.of(user_id="anna")
    record_choices(subject=subject, choices={"personalization": True}, mechanism="API", now=NOON)
    session = client.session
    session["user_id"] = "anna"
    session.save()
    return client


def test_who_has_chosen_elsewhere_is_not_asked_again(anna: Client) -> None:
    assert 'value="accept"' not in anna.get("/").content.decode()


def test_the_choices_page_shows_what_is_in_force_and_offers_to_withdraw(anna: Client) -> None:
    page = anna.get("/privacy/").content.decode()

    assert "Withdraw all" in page
    assert page.count("checked") == 2  # what is necessary, and what she agreed to


def test_with_redis_down_a_partner_hears_that_the_choice_is_recorded(
    client: Client, settings: Settings
) -> None:
    headers = {"Authorization": f"Api-Key {make_key('consent')}"}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis_connection.cache_clear()

    stated = client.post(
        "/api/v1/consents",
        {"user_id": "anna", "choices": {"analytics": True}},
        content_type="application/json",
        headers=headers,
    )
    asked = client.get("/api/v1/consents?user_id=anna", headers=headers)

    assert (stated.status_code, stated.json()["granted"]) == (201, ["analytics"])
    assert asked.status_code == 503
    assert asked.headers["Retry-After"]
