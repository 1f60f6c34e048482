"""Who agreed is remembered, and what they chose since is never missed."""

from typing import Any

import pytest

from consent.keyspaces import redis_connection
from personalization.events import agreeing
from personalization.events.models import RefusedEvent
from personalization.events.tracking import Tracked, track
from personalization.streams import stream
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> None:
    agreeing._agreed.clear()


def send(*who: dict[str, str | None]) -> Tracked:
    return track([make_event(**one) for one in who], now=NOON)


def asked_of_redis(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the commands that Redis is asked from now on, as they come."""
    asked: list[str] = []
    client = redis_connection()
    execute = client.execute_command

    def noted(*command: Any, **options: Any) -> Any:
        asked.append(str(command[0]))
        return execute(*command, **options)

    monkeypatch.setattr(client, "execute_command", noted)
    return asked


def test_who_has_agreed_before_costs_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    agree(user_id="anna")
    send({"user_id": "anna"})

    asked = asked_of_redis(monkeypatch)
    tracked = send({"user_id": "anna"}, {"user_id": "anna"})

    assert (tracked.accepted, asked) == (2, ["EVAL"])


def test_who_withdraws_is_refused_at_once() -> None:
    agree(user_id="anna")
    agree(user_id="bert")
    assert send({"user_id": "anna"}, {"user_id": "bert"}).accepted == 2
    waiting = stream.backlog()

    agree(user_id="anna", to=())
    tracked = send({"user_id": "anna"}, {"user_id": "bert"})

    assert tracked.accepted == 1
    assert [(one.index, one.field) for one in tracked.refused] == [(0, "consent")]
    assert stream.backlog() == waiting + 1


def test_who_withdrew_is_remembered_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    agree(user_id="anna")
    agree(user_id="bert")
    send({"user_id": "anna"}, {"user_id": "bert"})
    agree(user_id="anna", to=())
    send({"user_id": "anna"}, {"user_id": "bert"})

    asked = asked_of_redis(monkeypatch)
    assert send({"user_id": "anna"}, {"user_id": "bert"}).accepted == 1

    # Anna is asked about, and Bert's event is appended at the first try.
    assert (asked.count("MGET"), asked.count("EVAL")) == (1, 1)


def test_who_refused_and_agrees_now_is_taken_at_once() -> None:
    agree(user_id="anna", to=())
    assert send({"user_id": "anna"}).accepted == 0

    agree(user_id="anna")

    assert send({"user_id": "anna"}).accepted == 1


def test_of_who_withdrew_no_refused_event_is_kept_either() -> None:
    agree(user_id="anna")
    send({"user_id": "anna"})
    agree(user_id="anna", to=())

    tracked = track([make_event(type="Not a type", user_id="anna")], now=NOON)

    assert [one.field for one in tracked.refused] == ["type"]
    assert not RefusedEvent.objects.exists()


def test_two_memories_of_one_choice_are_not_mixed() -> None:
    browser: dict[str, str | None] = {"anonymous_id": "b-1", "user_id": "anna"}
    agree(anonymous_id="b-1", to=("personalization",))
    agree(user_id="anna")
    assert send(browser).accepted == 1
    agree(user_id="anna", to=("analytics",))
    assert send({"user_id": "anna"}).accepted == 1

    tracked = send(browser, {"user_id": "anna"})

    assert [(one.index, one.field) for one in tracked.refused] == [(0, "consent")]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreeing, "REMEMBERED", 10)
    for n in range(25):
        agree(user_id=f"u{n}")
        assert send({"user_id": f"u{n}"}).accepted == 1

    assert len(agreeing._agreed) <= 10
