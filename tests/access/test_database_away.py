"""While PostgreSQL is away, doors go on with the keys they know, and ask for the rest later."""

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from personalization.access import keys
from personalization.streams.stream import backlog
from tests.factories import agree, make_event, make_key

pytestmark = pytest.mark.django_db(transaction=True)
Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def away() -> Away:
    """Return what takes the database out of reach for a while, long after keys were looked up."""

    @contextmanager
    def leave() -> Iterator[None]:
        keys._remembered.update(
            {stated: (float("-inf"), key) for stated, (_, key) in keys._remembered.items()}
        )
        host = connection.settings_dict["HOST"]
        connection.close()
        connection.settings_dict["HOST"] = "/nowhere"
        try:
            yield
        finally:
            connection.settings_dict["HOST"] = host

    return leave


def calls(key: str, number: int) -> dict[str, dict[str, Any]]:
    """Return one call of each door, about somebody who agreed."""
    basic = base64.b64encode(f"{key}:".encode()).decode()
    event = make_event(message_id=f"m-{number}", user_id="anna")
    order = {"name": "view_item", "params": {"items": [{"item_id": "1"}]}}
    return {
        "/api/v1/events": {"data": event, "headers": {"Authorization": f"Api-Key {key}"}},
        "/v1/track": {
            "data": {"event": "Seen", "userId": "anna", "messageId": f"s-{number}"},
            "headers": {"Authorization": f"Basic {basic}"},
        },
        f"/mp/collect?measurement_id=G-1&api_secret={key}": {
            "data": {"client_id": "c1", "user_id": "anna", "events": [order]}
        },
    }


def test_a_key_that_was_usable_stays_so_and_events_wait(client: Client, away: Away) -> None:
    agree(user_id="anna")
    key = make_key("events")
    for path, call in calls(key, 1).items():
        client.post(path, content_type="application/json", **call)
    before = backlog()

    with away():
        answers = [
            client.post(path, content_type="application/json", **call).status_code
            for path, call in calls(key, 2).items()
        ]

    assert answers == [202, 200, 204]
    assert backlog() > before


def test_a_key_nobody_remembers_is_asked_to_come_again(client: Client, away: Away) -> None:
    key = make_key("events", "profiles")
    with away():
        answers = [
            client.post(path, content_type="application/json", **call)
            for path, call in calls(key, 1).items()
        ]
        answers.append(
            client.get("/api/v1/profiles/user:a", headers={"Authorization": f"Api-Key {key}"})
        )

    assert [answer.status_code for answer in answers] == [503] * 4
    assert {answer.headers["Retry-After"] for answer in answers} == {"5"}
    assert "Send it again later" in answers[0].json()["errors"][0]["message"]


def test_consent_that_cannot_be_recorded_now_is_no_fault_of_the_event(
    client: Client, away: Away
) -> None:
    key = make_key("events", vouched=("analytics",))
    headers = {"Authorization": f"Api-Key {key}"}
    agree(user_id="anna")
    client.post("/api/v1/events", make_event(user_id="anna"), "application/json", headers=headers)

    with away():
        stranger = make_event(message_id="m-2", user_id="stranger")
        answer = client.post("/api/v1/events", stranger, "application/json", headers=headers)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
