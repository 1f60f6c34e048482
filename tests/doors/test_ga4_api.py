"""Google's Measurement Protocol as its senders meet it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from personalization.doors.ga4 import CallRefused, read_call
from personalization.doors.translated import check
from personalization.events.accepted import AcceptedEvent
from personalization.events.models import Event
from personalization.profiles.models import Profile
from personalization.streams import stream
from tests.factories import NOON, agree, make_key

pytestmark = pytest.mark.django_db
EVENTS = Path(__file__).parent / "data" / "ga4_events.jsonl"
EXAMPLES = [json.loads(line) for line in EVENTS.read_text().splitlines()]
TYPES = {
    "view_item_list": ["list_view"],
    "select_item": ["item_click"],
    "view_item": ["item_view"],
    "add_to_wishlist": ["add_to_wishlist"],
    "add_to_cart": ["add_to_cart"],
    "view_cart": ["cart_view"],
    "remove_from_cart": ["remove_from_cart"],
    "begin_checkout": ["begin_checkout"],
    "add_shipping_info": ["add_shipping_info"],
    "add_payment_info": ["add_payment_info"],
    "purchase": ["purchase"],
    "refund": ["refund"],
    "view_promotion": ["promotion_view"],
    "select_promotion": ["promotion_click"],
}


def post(client: Client, body: Any, *, secret: str | None, path: str = "/mp/collect") -> Any:
    address = f"{path}?measurement_id=G-TEST" + (f"&api_secret={secret}" if secret else "")
    return client.post(address, json.dumps(body), content_type="application/json")


def call(*events: Any, **changes: Any) -> dict[str, Any]:
    return {"client_id": "1234.5678", "events": list(events), **changes}


def waiting() -> list[AcceptedEvent]:
    return [
        AcceptedEvent.from_wire(payload)
        for _, _, payloads in stream.waiting()
        for payload in payloads
    ]


@pytest.fixture
def secret(db: None) -> str:
    return make_key("events", vouched=("analytics", "personalization"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["name"]))
def test_every_recommended_event_is_accepted(
    client: Client, secret: str, example: dict[str, Any]
) -> None:
    event = {"name": example["name"], "params": example["params"]}

    checked = post(client, call(event), secret=secret, path="/debug/mp/collect")
    answer = post(client, call(event), secret=secret)

    assert checked.json() == {"validationMessages": []}
    assert (answer.status_code, answer.content) == (204, b"")
    assert [one.type for one in waiting()] == TYPES[example["name"]]


def test_the_examples_cover_all_recommended_events() -> None:
    assert {example["name"] for example in EXAMPLES} == set(TYPES)


def test_a_purchase_becomes_one_event_for_each_item(client: Client, secret: str) -> None:
    items = [
        {"item_id": "1001", "price": 3.5, "quantity": 2, "item_category": "lanterns"},
        {"item_id": 1002, "price": 1},
    ]
    params = {"transaction_id": "T1", "value": 8, "currency": "GBP", "items": items}

    post(client, call({"name": "purchase", "params": params}), secret=secret)

    first, second = waiting()
    assert (first.value, second.value) == (7.0, 1.0)
    assert (first.properties["category"], second.properties["item_id"]) == ("lanterns", "1002")
    assert {one.properties["order_id"] for one in (first, second)} == {"T1"}


@pytest.mark.django_db(transaction=True)
def test_a_purchase_that_is_sent_again_is_counted_once(
    client: Client, secret: str, consume: Callable[[], None]
) -> None:
    params = {"transaction_id": "T1", "items": [{"item_id": "1001", "price": 3.5}]}

    for _ in range(2):
        post(client, call({"name": "purchase", "params": params}), secret=secret)
    consume()

    assert Event.objects.count() == 1
    assert sum(Profile.objects.get().facts["sums"]["purchase"].values()) == 3.5


def test_who_when_and_where_are_understood(client: Client, secret: str) -> None:
    moment = timezone.now() - timedelta(hours=1)
    page = {"page_location": "https://shop.example/lanterns?x=1", "page_title": "Lanterns"}

    post(
        client,
        call(
            {"name": "page_view", "params": page},
            {"name": "search", "params": {"search_term": "lamp"}},
            user_id="anna",
            timestamp_micros=str(int(moment.timestamp() * 1_000_000)),
            user_properties={"plan": {"value": "pro"}, "email": {"value": "anna@example.com"}},
        ),
        secret=secret,
    )

    view, search = waiting()
    assert (view.anonymous_id, view.user_id) == ("1234.5678", "anna")
    assert abs(view.occurred_at - moment) < timedelta(seconds=1)
    assert (view.context["page"], view.context["measurement_id"]) == ("/lanterns", "G-TEST")
    assert view.traits == {"plan": "pro"}
    assert view.identifiers["email"]
    assert search.properties == {"query": "lamp"}


@pytest.mark.parametrize("path", ["/mp/collect", "/debug/mp/collect"])
@pytest.mark.parametrize("wrong", [None, "nonsense", "%00"])
def test_a_wrong_secret_is_said_to_be_wrong(
    client: Client, db: None, path: str, wrong: str | None
) -> None:
    answer = post(client, call({"name": "page_view"}), secret=wrong, path=path)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"]
    assert waiting() == []


def test_a_key_for_something_else_may_not_send_events(client: Client, db: None) -> None:
    answer = post(client, call({"name": "page_view"}), secret=make_key("collect"))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ([], "", "VALUE_INVALID"),
        ({"client_id": "1"}, "events", "VALUE_REQUIRED"),
        (call(), "events", "VALUE_REQUIRED"),
        (call(*[{"name": "x"}] * 26), "events", "EXCEEDED_MAX_ENTITIES"),
        (call("nonsense"), "events[0]", "VALUE_INVALID"),
        (call({"name": "page view"}), "events[0].name", "NAME_INVALID"),
        (call({"name": "x"}, {}), "events[1].name", "NAME_INVALID"),
        (call({"name": "x", "params": [1]}), "events[0].params", "VALUE_INVALID"),
        (call({"name": "x"}, client_id=None), "client_id", "VALUE_INVALID"),
        (call({"name": "x"}, client_id=["a"]), "client_id", "VALUE_INVALID"),
        (call({"name": "x"}, client_id=True), "client_id", "VALUE_INVALID"),
        (call({"name": "x"}, timestamp_micros="soon"), "timestamp_micros", "VALUE_INVALID"),
        (
            call({"name": "x", "timestamp_micros": "soon"}),
            "events[0].timestamp_micros",
            "VALUE_INVALID",
        ),
        (call({"name": "x"}, timestamp_micros=10**18), "timestamp_micros", "VALUE_INVALID"),
    ],
)
def test_both_addresses_say_what_is_wrong(
    client: Client, secret: str, body: Any, path: str, code: str
) -> None:
    checked = post(client, body, secret=secret, path="/debug/mp/collect")
    answer = post(client, body, secret=secret)

    (message,) = checked.json()["validationMessages"]
    assert (message["fieldPath"], message["validationCode"]) == (path, code)
    assert message["description"]
    assert (checked.status_code, answer.status_code) == (200, 400)
    assert answer.json() == checked.json()


def test_what_is_wrong_is_said_in_the_words_of_the_sender(client: Client, secret: str) -> None:
    nobody = post(client, call({"name": "x"}, client_id=None), secret=secret).json()
    never = post(client, call({"name": "x"}, timestamp_micros="x"), secret=secret).json()

    assert "client_id" in nobody["validationMessages"][0]["description"]
    assert "anonymous" not in str(nobody)
    assert "microseconds" in never["validationMessages"][0]["description"]


def test_the_validation_address_tells_what_is_taken_but_counts_for_little(
    client: Client, secret: str
) -> None:
    params = {"price": "free", "items": "x"}
    listed = {"items": [7, {"item_id": "1", "price": "none", "quantity": "2"}], "currency": "XYZ"}
    body = call(
        {"name": "view_item", "params": params},
        {"name": "session_start"},
        {"name": "purchase", "params": listed},
    )

    told = post(client, body, secret=secret, path="/debug/mp/collect").json()["validationMessages"]

    assert [(one["fieldPath"], one["validationCode"]) for one in told] == [
        ("events[0].params.price", "VALUE_INVALID"),
        ("events[0].params.items", "VALUE_INVALID"),
        ("events[1].name", "NAME_RESERVED"),
        ("events[2].params.currency", "VALUE_INVALID"),
        ("events[2].params.items[0]", "VALUE_INVALID"),
        ("events[2].params.items[1].price", "VALUE_INVALID"),
    ]
    assert post(client, body, secret=secret).status_code == 204


def test_a_wrong_event_does_not_take_the_others_with_it(client: Client, secret: str) -> None:
    answer = post(client, call({"name": "page_view"}, {"name": "a b"}), secret=secret)

    assert answer.status_code == 400
    assert [one.type for one in waiting()] == ["page_view"]


def test_the_validation_address_keeps_nothing(client: Client, secret: str) -> None:
    post(client, call({"name": "page_view"}), secret=secret, path="/debug/mp/collect")

    assert waiting() == []


def test_a_visitor_who_did_not_agree_is_not_recorded(client: Client, secret: str) -> None:
    agree(anonymous_id="1234.5678", to=())

    answer = post(client, call({"name": "page_view"}), secret=secret)

    assert answer.status_code == 204
    assert waiting() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
PARAMS = ["items", "value", "transaction_id", "page_location", "search_term", "price"]


@given(
    st.sampled_from(["purchase", "view_item_list", "page_view"]),
    st.dictionaries(st.sampled_from(PARAMS), JSON, max_size=4),
    st.dictionaries(
        st.sampled_from(["client_id", "user_id", "timestamp_micros", "user_properties"]),
        JSON,
        max_size=3,
    ),
)
def test_odd_calls_are_accepted_or_refused_but_never_break(
    name: str, params: dict[str, Any], changes: dict[str, Any]
) -> None:
    body = call({"name": name, "params": params}, **changes)
    try:
        check(read_call(body, measurement_id="G", now=NOON), now=NOON)
    except CallRefused as refused:
        assert refused.field  # noqa: PT017
