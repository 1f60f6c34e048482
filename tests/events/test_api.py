"""POST /api/v1/events as a partner meets it."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from consent.checking import choices_of
from consent.keyspaces import redis_connection
from consent.subjects import Subject
from personalization.streams import stream
from tests.factories import agree, make_event, make_key

pytestmark = pytest.mark.django_db
URL = "/api/v1/events"


def post(client: Client, body: Any, *, key: str | None) -> Any:
    headers = {"Authorization": f"Api-Key {key}"} if key else {}
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(URL, data, content_type="application/json", headers=headers)


@pytest.fixture
def key(db: None) -> str:
    return make_key("events")


def test_without_a_key_nothing_is_queued(client: Client) -> None:
    agree(user_id="anna")

    answer = post(client, make_event(), key=None)

    assert answer.status_code == 401
    assert stream.backlog() == 0


@pytest.mark.parametrize("wrong", ["nonsense", "abcdefgh.0123456789", "\x00"])
def test_an_unknown_key_is_refused(client: Client, wrong: str) -> None:
    assert post(client, make_event(), key=wrong).status_code == 401


def test_a_key_for_something_else_may_not_send_events(client: Client) -> None:
    answer = post(client, make_event(), key=make_key("decisions"))

    assert answer.status_code == 403
    assert "scope" in answer.json()["errors"][0]["message"]


def test_one_event_and_a_batch_are_accepted(client: Client, key: str) -> None:
    agree(user_id="anna")

    one = post(client, make_event(), key=key)
    batch = post(client, {"events": [make_event(), make_event()]}, key=key)

    assert (one.status_code, one.json()) == (202, {"accepted": 1, "refused": []})
    assert batch.json() == {"accepted": 2, "refused": []}
    assert sum(len(payloads) for _, _, payloads in stream.waiting()) == 3


def test_what_is_wrong_is_named_and_the_rest_is_kept(client: Client, key: str) -> None:
    agree(user_id="anna")
    events = [make_event(), make_event(colour="red"), "nonsense", make_event(type=7), make_event()]

    answer = post(client, {"events": events}, key=key).json()

    assert answer["accepted"] == 2
    assert [(r["index"], r["field"]) for r in answer["refused"]] == [
        (1, "colour"),
        (2, ""),
        (3, "type"),
    ]
    assert all(refused["message"] for refused in answer["refused"])


def test_a_visitor_who_did_not_agree_is_not_recorded(client: Client, key: str) -> None:
    answer = post(client, make_event(user_id="stranger"), key=key).json()

    assert answer["accepted"] == 0
    assert answer["refused"][0]["field"] == "consent"
    assert stream.backlog() == 0


def test_a_source_that_vouches_records_the_consent_it_obtained(client: Client) -> None:
    vouching = make_key("events", vouched=("analytics", "personalization"))

    answer = post(client, make_event(user_id="stranger"), key=vouching).json()

    assert answer["accepted"] == 1
    choices = choices_of(Subject.of(user_id="stranger"))
    assert choices.allows("analytics")
    assert not choices.allows("training")


def test_a_refusal_that_is_known_outweighs_a_source_that_vouches(client: Client) -> None:
    agree(user_id="anna", to=())
    vouching = make_key("events", vouched=("analytics", "personalization"))

    assert post(client, make_event(), key=vouching).json()["accepted"] == 0


def test_a_page_speaks_for_its_own_visitor_only(client: Client) -> None:
    agree(user_id="anna")

    answer = post(client, make_event(user_id="anna"), key=make_key("collect")).json()

    assert answer["accepted"] == 0
    assert answer["refused"][0]["field"] == "anonymous_id"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 50_000,
        b"\xff\xfe",
        b"[]",
        b'{"events": {}}',
        b'{"events": [], "colour": "red"}',
    ],
)
def test_a_body_that_is_not_strict_json_is_refused_with_a_reason(
    client: Client, key: str, body: bytes
) -> None:
    answer = post(client, body, key=key)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (b'{"note": "a\\u0000b"}', "properties.note"),
        (b'{"a\\u0000b": 1}', "properties"),
        (b'{"n": 9223372036854775808}', "properties.n"),
        (b'{"n": 1e999}', "properties.n"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "properties" + ".a" * 19),
    ],
)
def test_one_event_that_cannot_be_kept_is_named_and_its_neighbours_stay(
    client: Client, key: str, part: bytes, field: str
) -> None:
    agree(user_id="anna")
    good = json.dumps(make_event()).encode()
    bad = json.dumps(make_event(properties={"x": "PART"})).encode()
    bad = bad.replace(b'{"x": "PART"}', part)

    answer = post(client, b'{"events": [' + good + b"," + bad + b"," + good + b"]}", key=key)

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    assert [(one["index"], one["field"]) for one in answer.json()["refused"]] == [(1, field)]


def test_ten_megabytes_are_refused_without_being_read(client: Client, key: str) -> None:
    answer = post(client, b'{"events": "' + b"x" * 10_000_000 + b'"}', key=key)

    assert answer.status_code == 413
    assert "500,000 bytes" in answer.json()["errors"][0]["message"]


def test_more_than_a_thousand_events_are_refused(client: Client, key: str) -> None:
    answer = post(client, {"events": [{}] * 1_001}, key=key)

    assert answer.status_code == 413
    assert stream.backlog() == 0


def test_with_redis_stopped_the_sender_is_told_to_try_again(
    client: Client, key: str, settings: LazySettings
) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    answer = post(client, make_event(), key=key)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
