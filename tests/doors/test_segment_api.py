"""Segment's HTTP API as its documentation describes it."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from consent.keyspaces import redis_connection
from personalization.events.accepted import AcceptedEvent
from personalization.streams import stream
from tests.factories import agree, make_key

pytestmark = pytest.mark.django_db
PAYLOADS = Path(__file__).parent / "data" / "segment_payloads.jsonl"
EXAMPLES = [json.loads(line) for line in PAYLOADS.read_text().splitlines()]
VOUCHED = ("analytics", "personalization")


def post(
    client: Client, path: str, body: Any, *, key: str | None, headers: dict[str, str] | None = None
) -> Any:
    credentials = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    data = body if isinstance(body, bytes) else json.dumps(body)
    sent = {**(credentials if key else {}), **(headers or {})}
    return client.post(path, data, content_type="application/json", headers=sent)


def waiting() -> int:
    return sum(len(payloads) for _, _, payloads in stream.waiting())


@pytest.fixture
def key(db: None) -> str:
    return make_key("events", vouched=VOUCHED)


@pytest.mark.parametrize("wrong", [r'"a\u0000b"', "1e999", "1" + "0" * 30])
def test_only_the_message_is_refused_that_cannot_be_kept(
    client: Client, key: str, wrong: str
) -> None:
    messages = [{"type": "track", "event": "x", "userId": "anna", "properties": {}}] * 2
    body = json.dumps({"batch": messages}).replace("{}", f'{{"note": {wrong}}}', 1).encode()

    answer = post(client, "/v1/batch", body, key=key)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["refused"]] == ["properties.note"]
    assert waiting() == 1


def test_there_are_79_examples() -> None:
    assert len(EXAMPLES) == 79


@pytest.mark.parametrize("path", ["track", "identify", "page", "screen", "group", "alias", "batch"])
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_body_that_says_nothing_is_refused_by_a_field(
    client: Client, key: str, path: str, body: bytes
) -> None:
    answer = post(client, f"/v1/{path}", body, key=key)

    refused = answer.json().get("refused") or answer.json()["errors"]
    assert (answer.status_code, waiting()) == (400, 0)
    assert refused[0]["field"] in ("anonymousId", "batch")


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "anonymousId"),
        ({"type": "bogus", "event": "x", "userId": "anna"}, "type"),
        ({"type": ["track"], "userId": "anna"}, "type"),
        ({"type": "identify"}, "anonymousId"),
    ],
)
def test_a_message_of_no_kind_is_refused_by_its_field_and_its_neighbour_stays(
    client: Client, key: str, message: dict[str, Any], field: str
) -> None:
    good = {"type": "track", "event": "x", "userId": "anna"}

    answer = post(client, "/v1/batch", {"batch": [message, good]}, key=key)

    assert answer.status_code == 400
    assert [(one["index"], one["field"]) for one in answer.json()["refused"]] == [(0, field)]
    assert waiting() == 1


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["id"]))
def test_every_example_of_the_documentation_is_accepted(
    client: Client, key: str, example: dict[str, Any]
) -> None:
    payload = example["payload"]
    kind = payload.get("type") or payload.get("action") or "track"

    alone = post(client, f"/v1/{kind}", payload, key=key)
    in_batch = post(client, "/v1/batch", {"batch": [payload]}, key=key)

    assert (alone.status_code, alone.json()) == (200, {"success": True})
    assert (in_batch.status_code, in_batch.json()) == (200, {"success": True})
    assert waiting() >= 2


def test_all_examples_together_are_accepted_in_one_batch(client: Client, key: str) -> None:
    answer = post(client, "/v1/import", {"batch": [one["payload"] for one in EXAMPLES]}, key=key)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert waiting() == 80  # one of the orders has two lines


@pytest.mark.parametrize(
    "header", [None, "Basic", "Basic !!", "Basic bm9uc2Vuc2U6", "Bearer x", "Basic AAAA"]
)
def test_without_a_known_key_nothing_is_queued(client: Client, db: None, header: str) -> None:
    headers = {"Authorization": header} if header else {}

    answer = post(client, "/v1/track", {"event": "x", "userId": "a"}, key=None, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["message"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert waiting() == 0


def test_a_key_for_something_else_may_not_send_events(client: Client, db: None) -> None:
    answer = post(client, "/v1/track", {"event": "x", "userId": "a"}, key=make_key("collect"))

    assert answer.status_code == 403
    assert "scope" in answer.json()["message"]


def test_a_wrong_message_is_named_and_the_rest_is_kept(client: Client, key: str) -> None:
    good = {"type": "track", "event": "x", "userId": "a"}
    wrong = {**good, "timestamp": "yesterday"}

    answer = post(client, "/v1/batch", {"batch": [good, wrong, "nonsense"]}, key=key)

    assert answer.status_code == 400
    assert [(one["index"], one["field"]) for one in answer.json()["refused"]] == [
        (1, "timestamp"),
        (2, ""),
    ]
    assert answer.json()["message"].startswith("2 refused, 1 accepted. timestamp: Use ISO 8601")
    assert waiting() == 1


def test_a_visitor_who_did_not_agree_is_not_recorded_and_that_is_no_error(
    client: Client, db: None
) -> None:
    agree(user_id="anna", to=())

    answer = post(
        client,
        "/v1/track",
        {"event": "x", "userId": "anna"},
        key=make_key("events", vouched=VOUCHED),
    )

    assert answer.status_code == 200
    assert answer.json()["refused"][0]["field"] == "consent"
    assert waiting() == 0


def test_what_a_batch_says_once_holds_for_each_message(client: Client, key: str) -> None:
    batch = [{"type": "track", "event": "x", "userId": "a"}]

    post(client, "/v1/batch", {"batch": batch, "context": {"locale": "fr"}}, key=key)

    ((_, _, (wire,)),) = list(stream.waiting())
    assert AcceptedEvent.from_wire(wire).context["locale"] == "fr"


def test_compressed_batches_are_read(client: Client, key: str) -> None:
    packed = gzip.compress(json.dumps({"batch": [{"event": "x", "userId": "a"}]}).encode())

    answer = post(client, "/v1/batch", packed, key=key, headers={"Content-Encoding": "gzip"})

    assert answer.status_code == 200
    assert waiting() == 1


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b'{"batch": "' + b"x" * 50_000_000), "gzip", 413),
        (gzip.compress(b'{"batch": []}')[:-9], "gzip", 400),
        (b"nonsense", "gzip", 400),
        (b"{}", "br", 400),
        (b'{"batch": "' + b"x" * 500_001, "", 413),
        (json.dumps({"batch": [{}] * 1_001}).encode(), "", 413),
        (b'{"batch": {}}', "", 400),
        (b"[]", "", 400),
        (b"{", "", 400),
    ],
    # Packed bytes hold the time of packing, and would name the test anew every second.
    ids=["huge", "cut", "not-gzip", "brotli", "over-500-kb", "1001", "no-list", "list", "broken"],
)
def test_a_body_that_cannot_be_taken_is_refused_with_a_reason(
    client: Client, key: str, body: bytes, encoding: str, status: int
) -> None:
    answer = post(client, "/v1/batch", body, key=key, headers={"Content-Encoding": encoding})

    assert answer.status_code == status
    assert answer.json()["message"]
    assert waiting() == 0


def test_a_message_over_32_kilobytes_is_refused(client: Client, key: str) -> None:
    message = {"event": "x", "userId": "a", "properties": {"note": "x" * 33_000}}

    answer = post(client, "/v1/track", message, key=key)

    assert answer.status_code == 400
    assert "32,768 bytes" in answer.json()["message"]


def test_with_redis_stopped_the_sender_is_told_to_try_again(
    client: Client, key: str, settings: LazySettings
) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    answer = post(client, "/v1/track", {"event": "x", "userId": "a"}, key=key)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("user_id", [True, {"id": 7}, ["7"], 1.5])
def test_a_user_id_that_is_none_is_refused_by_its_own_name(
    client: Client, key: str, user_id: Any
) -> None:
    answer = post(client, "/v1/track", {"event": "Seen", "userId": user_id}, key=key)

    assert answer.status_code == 400
    assert answer.json()["refused"][0]["field"] == "userId"


@pytest.mark.parametrize("kind", ["track", "identify", "page", "screen", "group", "alias"])
def test_a_letter_is_as_good_as_the_word(client: Client, key: str, kind: str) -> None:
    message = {"event": "Seen", "userId": "anna", "previousId": "a1", "groupId": "g"}

    assert post(client, f"/v1/{kind[0]}", message, key=key).status_code == 200
    assert post(client, "/v1/b", {"batch": [{**message, "type": kind}]}, key=key).status_code == 200
    assert waiting() >= 2
