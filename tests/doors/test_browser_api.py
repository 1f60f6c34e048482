"""POST /t: what the browser script sends, and what a page may not say."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import signing
from django.test import Client

from consent.checking import choices_of
from consent.keyspaces import redis_connection
from consent.models import ConsentRecord
from consent.subjects import Subject
from consent.visiting import COOKIE, SALT
from personalization.events.accepted import AcceptedEvent
from personalization.streams import stream
from tests.factories import agree, make_key

pytestmark = pytest.mark.django_db
VISITOR = "web-" + "a1" * 16
SHOP = "https://shop.example"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


@pytest.fixture(autouse=True)
def listed(settings: LazySettings) -> None:
    settings.COLLECT_ORIGINS = [SHOP]


@pytest.fixture
def key(db: None) -> str:
    return make_key("collect", vouched=("analytics", "personalization"))


def view(**changes: Any) -> dict[str, Any]:
    return {"message_id": "m-1", "type": "page_view", "properties": {}, "context": {}} | changes


def call(**changes: Any) -> dict[str, Any]:
    stated = {"visitor": VISITOR, "consent": {"analytics": True}, "events": [view()]} | changes
    return {name: value for name, value in stated.items() if value is not None}


def post(client: Client, body: Any, *, key: str, origin: str | None = SHOP) -> Any:
    headers = {"User-Agent": IPHONE} | ({"Origin": origin} if origin else {})
    return client.post(
        f"/t?key={key}", json.dumps(body), content_type="text/plain", headers=headers
    )


def waiting_events() -> list[AcceptedEvent]:
    payloads = [payload for _, _, batch in stream.waiting() for payload in batch]
    return [AcceptedEvent.from_wire(payload) for payload in payloads]


def choices() -> Any:
    return choices_of(Subject.of(anonymous_id=VISITOR))


def test_a_page_of_another_site_sends_what_its_visitor_agreed_to(client: Client, key: str) -> None:
    answer = post(client, call(), key=key)

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "refused": []})
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert answer.cookies == {}
    (event,) = waiting_events()
    assert (event.anonymous_id, event.user_id, event.source) == (VISITOR, "", "page")
    assert event.context == {"device": "mobile"}
    assert {one.mechanism for one in ConsentRecord.objects.all()} == {"page"}


def test_a_page_of_a_site_that_is_not_listed_may_not_send(client: Client, key: str) -> None:
    for origin in ("https://evil.example", "null", f"{SHOP}.evil.example"):
        answer = post(client, call(), key=key, origin=origin)

        assert answer.status_code == 403
        assert "COLLECT_ORIGINS" in answer.json()["errors"][0]["message"]
        # So that the script can read it, and stops.
        assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert stream.backlog() == 0


@pytest.mark.parametrize(
    "claimed", ["anna", "web-1", "WEB-" + "a1" * 16, VISITOR + "\n", "a1" * 16, 7, ""]
)
def test_a_page_may_name_only_ids_that_the_script_made(
    client: Client, key: str, claimed: Any
) -> None:
    agree(user_id="anna")
    agree(anonymous_id="a1" * 16)

    answer = post(client, call(visitor=claimed), key=key)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "visitor"
    assert stream.backlog() == 0


@pytest.mark.parametrize("field", ["user_id", "anonymous_id", "identifiers", "traits"])
def test_an_event_of_a_page_claims_no_identity(client: Client, key: str, field: str) -> None:
    agree(user_id="anna")

    answer = post(client, call(events=[view(**{field: "anna"}), view()]), key=key).json()

    assert answer["accepted"] == 1
    assert [(one["index"], one["field"]) for one in answer["refused"]] == [(0, field)]
    assert waiting_events()[0].subject == Subject.of(anonymous_id=VISITOR)


def test_a_cookie_does_not_speak_through_a_page_of_another_site(client: Client, key: str) -> None:
    agree(anonymous_id="cookie-1")
    held = {"id": "cookie-1", "choices": {"analytics": True}, "notice": None}
    client.cookies[COOKIE] = signing.dumps(held, salt=SALT)

    foreign = post(client, {"events": [view()]}, key=key)
    ours = post(client, {"events": [view()]}, key=key, origin="http://testserver")

    assert foreign.status_code == 400
    assert ours.json()["accepted"] == 1
    assert [event.anonymous_id for event in waiting_events()] == ["cookie-1"]


def test_without_a_choice_nothing_is_kept(client: Client, key: str) -> None:
    answer = post(client, call(consent=None), key=key).json()

    assert answer["accepted"] == 0
    assert answer["refused"][0]["field"] == "consent"
    assert not ConsentRecord.objects.exists()


def test_a_grant_counts_for_purposes_that_the_key_vouches_for_only(
    client: Client, key: str
) -> None:
    post(client, call(consent={"analytics": True, "advertising": True}), key=key)

    assert choices().granted == {"analytics"}


def test_a_key_that_vouches_for_nothing_says_what_to_do(client: Client) -> None:
    answer = post(client, call(), key=make_key("collect"))

    assert answer.status_code == 400
    assert "vouched purposes" in answer.json()["errors"][0]["message"]
    assert not ConsentRecord.objects.exists()


def test_a_public_key_turns_no_refusal_into_a_grant(client: Client, key: str) -> None:
    post(client, call(), key=key)
    post(client, call(consent={"analytics": False}, events=[]), key=key)

    again = post(client, call(), key=key).json()

    assert again["accepted"] == 0
    assert not choices().allows("analytics")


def test_a_choice_that_is_said_with_every_batch_is_recorded_once(client: Client, key: str) -> None:
    for _ in range(3):
        post(client, call(), key=key)
        post(client, call(consent={"personalization": False}, events=[]), key=key)

    assert ConsentRecord.objects.count() == 2


def test_a_browser_that_refuses_by_itself_overrules_its_page(client: Client) -> None:
    key = make_key("collect", vouched=("analytics", "advertising"))
    body = json.dumps(call(consent={"analytics": True, "advertising": True}))

    client.post(f"/t?key={key}", body, content_type="text/plain", headers={"Sec-GPC": "1"})

    assert choices().granted == {"analytics"}


def test_what_google_calls_a_purchase_is_one_event_for_each_line(client: Client, key: str) -> None:
    said = {
        "transaction_id": "T1",
        "items": [{"item_id": "1001", "price": 3.5, "quantity": 2}, {"item_id": "1002"}],
    }
    events = [
        view(message_id="purchase-T1", type="purchase", properties=said),
        view(message_id="m-2", type="view_item", properties={"items": [{"item_id": "1001"}]}),
    ]

    post(client, call(events=events), key=key)

    kept = waiting_events()
    assert [event.type for event in kept] == ["purchase", "purchase", "item_view"]
    assert [event.properties["item_id"] for event in kept] == ["1001", "1002", "1001"]
    assert kept[0].value == 7
    assert len({event.message_id for event in kept}) == 3


@pytest.mark.parametrize("wrong", [r'"a\u0000b"', "1e999", "1" + "0" * 30])
def test_only_the_event_is_refused_that_cannot_be_kept(
    client: Client, key: str, wrong: str
) -> None:
    body = json.dumps(call(events=[view(), view(message_id="m-2", properties={"note": "?"})]))

    answer = client.post(
        f"/t?key={key}",
        body.replace('"?"', wrong),
        content_type="text/plain",
        headers={"Origin": SHOP},
    ).json()

    assert answer["accepted"] == 1
    assert [(one["index"], one["field"]) for one in answer["refused"]] == [(1, "properties.note")]


def test_nobody_uses_up_the_message_of_another(client: Client, key: str) -> None:
    post(client, call(), key=key)
    post(client, call(visitor="web-" + "b2" * 16), key=key)
    post(client, call(), key=key)

    kept = [(event.anonymous_id, event.message_id) for event in waiting_events()]
    assert len(kept) == 3
    assert len(set(kept)) == len({message_id for _, message_id in kept}) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "events"),
        ({"visitor": VISITOR}, "events"),
        ({"visitor": VISITOR, "events": {}}, "events"),
        ({"events": [], "colour": "red"}, "colour"),
        ({"events": [], "consent": {"analytics": True}}, "consent"),
        ({"visitor": VISITOR, "events": [], "consent": {"analytics": "yes"}}, "consent.analytics"),
        ({"visitor": VISITOR, "events": [], "consent": {"colour": True}}, "consent.colour"),
    ],
)
def test_a_call_that_is_wrong_is_told_where(
    client: Client, key: str, body: Any, field: str
) -> None:
    answer = post(client, body, key=key)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_an_event_that_is_wrong_is_named_and_the_rest_is_kept(client: Client, key: str) -> None:
    events = [
        "nonsense",
        view(message_id=7),
        view(properties=[]),
        view(type=""),
        view(type=[]),
        view(),
    ]

    answer = post(client, call(events=events), key=key).json()

    assert [(one["index"], one["field"]) for one in answer["refused"]] == [
        (0, ""),
        (1, "message_id"),
        (2, "properties"),
        (3, "type"),
        (4, "type"),
    ]
    assert answer["accepted"] == 1


def test_a_key_for_something_else_may_not_send(client: Client) -> None:
    assert post(client, call(), key=make_key("decisions")).status_code == 403
    assert client.post("/t", "{}", content_type="text/plain").status_code == 401


def test_with_redis_stopped_the_page_is_told_to_keep_its_batch(
    client: Client, key: str, settings: LazySettings
) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    answer = post(client, call(), key=key)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
