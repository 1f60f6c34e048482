"""One part of a batch that no store could keep costs that part, and nothing else."""

import json
from typing import Any

import pytest
from django.test import Client

from catalog.feed_rows import FIELDS
from personalization.events.models import RefusedEvent
from personalization.streams import stream
from tests.factories import agree, make_item, make_key

pytestmark = pytest.mark.django_db
VOUCHED = ("analytics", "personalization")
ITEM = {"item_id": "1", "name": "Lantern", "price": 3, "category": "Lighting"}
# As they are written into a body, and where the fault is told of.
WRONG = [
    (b'{"n": NaN}', ".n"),
    (b'{"n": -Infinity}', ".n"),
    (b'{"n": 1, "n": 2}', ".n"),
    (b'{"n": "nice \\ud83d"}', ".n"),
    (b'{"\\ud83d": 1}', ""),
    (b'{"n": "caf\xe9"}', ".n"),
    (b'{"n": 1' + b"0" * 5_000 + b"}", ".n"),
    (b'{"a":' * 250 + b"1" + b"}" * 250, ".a" * 19),
]
wrong_parts = pytest.mark.parametrize(
    ("part", "where"), WRONG, ids=[repr(part[:12]) for part, _ in WRONG]
)
# Any of these in the place of an id, a type, a time or a name.
VALUES = [b"NaN", b'"\\ud83d"', b'"a\\u0000"', b"1e999", b"[[[[]]]]", b'{"a": 1, "a": 1}']
values = pytest.mark.parametrize("value", VALUES)


def waiting() -> int:
    return sum(len(payloads) for _, _, payloads in stream.waiting())


def put_in(body: Any, part: bytes, *, for_text: str = "PART") -> bytes:
    return json.dumps(body).encode().replace(json.dumps(for_text).encode(), part)


def post(client: Client, address: str, body: bytes) -> Any:
    return client.post(address, body, content_type="application/json")


def event(number: int, **said: Any) -> dict[str, Any]:
    return {"message_id": f"m-{number}", "type": "item_view", "user_id": "anna", **said}


def message(number: int, **said: Any) -> dict[str, Any]:
    return {"type": "track", "event": "seen", "userId": "anna", "messageId": f"m-{number}", **said}


@wrong_parts
def test_our_own_door_refuses_the_event_and_keeps_the_others(
    client: Client, part: bytes, where: str
) -> None:
    agree(user_id="anna")
    body = put_in({"events": [event(1), event(2, properties="PART"), event(3)]}, part)

    answer = post(client, f"/api/v1/events?key={make_key('events')}", body)

    assert answer.status_code == 202
    refused = answer.json()["refused"]
    assert answer.json()["accepted"] == waiting() == 2
    assert [(one["index"], one["field"]) for one in refused] == [(1, f"properties{where}")]
    assert RefusedEvent.objects.count() == 1


@wrong_parts
def test_segments_door_refuses_the_message_and_keeps_the_others(
    client: Client, part: bytes, where: str
) -> None:
    key = make_key("events", vouched=VOUCHED)
    batch = [message(1), message(2, properties="PART"), message(3)]

    answer = post(client, "/v1/batch", put_in({"batch": batch, "writeKey": key}, part))

    assert answer.status_code == 400
    refused = answer.json()["refused"]
    assert [(one["index"], one["field"]) for one in refused] == [(1, f"properties{where}")]
    assert waiting() == 2


@wrong_parts
def test_googles_door_refuses_the_event_and_keeps_the_others(
    client: Client, part: bytes, where: str
) -> None:
    key = make_key("events", vouched=VOUCHED)
    events = [{"name": "seen", "params": {}}, {"name": "seen", "params": "PART"}]
    body = put_in({"client_id": "c-1", "events": events}, part)

    answer = post(client, f"/mp/collect?measurement_id=G-1&api_secret={key}", body)

    assert answer.status_code == 400
    (told,) = answer.json()["validationMessages"]
    assert told["fieldPath"] == f"events[1].params{where}"
    assert waiting() == 1


@wrong_parts
def test_the_pages_door_refuses_the_event_and_keeps_the_others(
    client: Client, part: bytes, where: str
) -> None:
    visitor = f"web-{'0' * 32}"
    agree(anonymous_id=visitor)
    events = [
        {"message_id": "1", "type": "seen", "properties": {}},
        {"message_id": "2", "type": "seen", "properties": "PART"},
    ]
    body = put_in({"visitor": visitor, "events": events}, part)

    answer = post(client, f"/t?key={make_key('collect')}", body)

    refused = answer.json()["refused"]
    assert [(one["index"], one["field"]) for one in refused] == [(1, f"properties{where}")]
    assert waiting() == 1


def test_a_value_stated_twice_is_told_as_such(client: Client) -> None:
    body = put_in({"events": [event(1, properties="PART")]}, b'{"n": 1, "n": 1}')

    answer = post(client, f"/api/v1/events?key={make_key('events')}", body)

    assert answer.json()["refused"][0]["message"] == "It is stated twice. Say it once."


@values
@pytest.mark.parametrize("field", [*event(1), "occurred_at", "anonymous_id", "context", "traits"])
def test_wherever_it_stands_in_an_event_its_neighbour_stays(
    client: Client, field: str, value: bytes
) -> None:
    agree(user_id="anna")
    body = put_in({"events": [event(1), event(2, **{field: "PART"})]}, value)

    answer = post(client, f"/api/v1/events?key={make_key('events')}", body)

    assert answer.status_code == 202
    assert [one["index"] for one in answer.json()["refused"]] == [1]
    assert waiting() == 1


@values
@pytest.mark.parametrize(
    "name", ["ip", "url", "referrer", "user_agent", "utc_offset", "timezone", "country", "device"]
)
def test_wherever_it_stands_in_a_context_its_neighbour_stays(
    client: Client, name: str, value: bytes
) -> None:
    agree(user_id="anna")
    body = put_in({"events": [event(1), event(2, context={name: "PART"})]}, value)

    answer = post(client, f"/api/v1/events?key={make_key('events')}", body)

    assert answer.status_code == 202
    assert answer.json()["accepted"] >= 1


@values
@pytest.mark.parametrize(
    "field",
    [
        "type",
        "event",
        "userId",
        "anonymousId",
        "messageId",
        "timestamp",
        "sentAt",
        "context",
        "occurred_at",
    ],
)
def test_wherever_it_stands_in_a_message_its_neighbour_stays(
    client: Client, field: str, value: bytes
) -> None:
    key = make_key("events", vouched=VOUCHED)
    batch = [message(1), message(2, **{field: "PART"})]

    answer = post(client, "/v1/batch", put_in({"batch": batch, "writeKey": key}, value))

    assert answer.status_code in (200, 400)
    assert waiting() >= 1


@values
@pytest.mark.parametrize("address", ["/api/v1/events", "/v1/batch", "/v1/track", "/mp/collect"])
@pytest.mark.parametrize(
    "name", ["writeKey", "batch", "events", "sentAt", "context", "client_id", "visitor", "consent"]
)
def test_a_call_that_is_odd_as_a_whole_is_refused(
    client: Client, address: str, name: str, value: bytes
) -> None:
    key = make_key("events", vouched=VOUCHED)
    body = put_in({"events": [], "batch": [], "visitor": f"web-{'0' * 32}", name: "PART"}, value)

    for place in (f"{address}?key={key}&api_secret={key}", f"/t?key={make_key('collect')}"):
        assert post(client, place, body).status_code < 500


@pytest.mark.parametrize(
    "body", [b"{", b"\xef\xbb\xbf{}", b'{"a": 1} x', b"[" * 50_000, b"[" * 900 + b"]" * 900]
)
@pytest.mark.parametrize("address", ["/api/v1/events", "/v1/batch", "/mp/collect", "/t"])
def test_what_is_no_json_at_all_stays_refused(client: Client, address: str, body: bytes) -> None:
    key = make_key("events", "collect", vouched=VOUCHED)

    assert post(client, f"{address}?key={key}&api_secret={key}", body).status_code in (400, 401)


def test_half_a_surrogate_pair_in_a_field_that_there_is_not_can_be_told(client: Client) -> None:
    body = put_in({"events": [event(1)]}, b'"\\ud83d"', for_text="user_id")

    answer = post(client, f"/api/v1/events?key={make_key('events')}", body)

    assert answer.status_code == 202
    assert answer.json()["refused"][0]["field"] == "\ud83d"


# Of people and items, what is told of them: the same, in a place of theirs.
@wrong_parts
def test_one_person_is_refused_and_the_others_are_kept(
    client: Client, part: bytes, where: str
) -> None:
    key = make_key("profiles", vouched=VOUCHED)
    people = [{"identifiers": {"user": user}} for user in ("anna", "bert", "carl")]
    body = put_in({"profiles": [people[0], {**people[1], "traits": "PART"}, people[2]]}, part)

    answer = put(client, f"/api/v1/profiles?key={key}", body)

    assert answer.status_code == 202
    assert answer.json()["accepted"] == waiting() == 2
    refused = answer.json()["refused"]
    assert [(one["index"], one["field"]) for one in refused] == [(1, f"traits{where}")]


@values
@pytest.mark.parametrize(
    "field", ["identifiers", "traits", "consent", "message_id", "occurred_at", "colour"]
)
def test_wherever_it_stands_in_a_person_the_neighbour_stays(
    client: Client, field: str, value: bytes
) -> None:
    key = make_key("profiles", vouched=VOUCHED)
    people = [{"identifiers": {"user": "anna"}}, {"identifiers": {"user": "bert"}, field: "PART"}]

    body = put_in({"profiles": people}, value)
    answer = client.put(
        f"/api/v1/profiles?key={key}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )

    assert answer.status_code == 202
    assert [one["index"] for one in answer.json()["refused"]] == [1]


@values
@pytest.mark.parametrize("field", [*ITEM, *FIELDS, "colour"])
@pytest.mark.parametrize("method", ["put", "patch"])
def test_one_item_is_refused_and_the_others_are_kept(
    client: Client, method: str, field: str, value: bytes
) -> None:
    make_item("1")
    item = {**ITEM, "sale_price": 1} if method == "put" else {"item_id": "1", "sale_price": 1}
    body = put_in({"items": [item, {**item, field: "PART"}]}, value)

    answer = getattr(client, method)(
        f"/api/v1/catalog/items?key={make_key('catalog')}", body, content_type="application/json"
    )

    assert answer.status_code == 200
    assert [(one["index"], one["field"]) for one in answer.json()["refused"]] == [(1, field)]
    assert answer.json()["changed"] == 1


def put(client: Client, address: str, body: bytes) -> Any:
    return client.put(address, body, content_type="application/json")
