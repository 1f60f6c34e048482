"""A call does not grow beyond measure, though an order becomes an event for each of its lines."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from personalization.doors.commerce import MOST_LINES, commerce_properties
from personalization.events.accepted import AcceptedEvent
from personalization.streams import stream
from tests.factories import agree, make_key

pytestmark = pytest.mark.django_db
VISITOR = f"web-{'0' * 32}"


@pytest.fixture
def agreed(db: None) -> None:
    agree(anonymous_id=VISITOR)


def waiting() -> list[AcceptedEvent]:
    payloads = [payload for _, _, batch in stream.waiting() for payload in batch]
    return [AcceptedEvent.from_wire(payload) for payload in payloads]


def view(nth: int, *, lines: int, **said: Any) -> dict[str, Any]:
    items = [{"id": f"i{line}"} for line in range(lines)]
    properties = {"items": items, **said.pop("properties", {})}
    return {"message_id": str(nth), "type": "view_item", "properties": properties, **said}


def from_page(client: Client, *events: dict[str, Any]) -> Any:
    body = json.dumps({"visitor": VISITOR, "events": events})
    return client.post(f"/t?key={make_key('collect')}", body, content_type="text/plain").json()


def test_more_lines_than_an_event_may_have_refuse_it_by_its_list(
    client: Client, agreed: None
) -> None:
    many = view(1, lines=MOST_LINES + 1, properties={"padding": "x" * 15_000})

    answer = from_page(client, many, view(2, lines=MOST_LINES))

    assert [(one["index"], one["field"]) for one in answer["refused"]] == [(0, "properties.items")]
    assert len(waiting()) == MOST_LINES


def test_only_the_first_line_bears_what_is_long_of_the_order(client: Client, agreed: None) -> None:
    said = {"padding": "x" * 15_000, "nested": {"a": 1}, "coupon": "SUMMER", "tax": 2}

    from_page(client, view(1, lines=3, properties=said))

    first, *others = waiting()
    assert first.properties["padding"] == said["padding"]
    assert [other.properties.keys() for other in others] == [{"id", "item_id", "coupon", "tax"}] * 2


def test_the_lines_of_a_page_count_among_its_events(
    client: Client, agreed: None, settings: LazySettings
) -> None:
    settings.EVENT_BATCH_COUNT = 5

    answer = from_page(client, view(1, lines=3), view(2, lines=3), view(3, lines=2))

    assert [(one["index"], one["field"]) for one in answer["refused"]] == [(1, "properties")]
    assert len(waiting()) == 5


def test_what_the_lines_of_a_page_repeat_counts_among_its_bytes(
    client: Client, agreed: None
) -> None:
    long = {"context": {"note": "x" * 20_000}}

    answer = from_page(client, view(1, lines=50, **long), view(2, lines=10, **long))

    assert [(one["index"], one["field"]) for one in answer["refused"]] == [(0, "properties")]
    assert len(waiting()) == 10


def test_a_history_of_orders_is_taken_in_portions_and_whole(
    client: Client, settings: LazySettings
) -> None:
    settings.EVENT_BATCH_COUNT = 10
    key = make_key("events", vouched=("analytics", "personalization"))
    orders = [
        {
            "type": "track",
            "event": "Order Completed",
            "messageId": f"m-{nth}",
            "userId": "anna",
            "properties": {
                "order_id": f"o-{nth}",
                "products": [{"product_id": f"p-{line}"} for line in range(4)],
            },
        }
        for nth in range(9)
    ]
    orders[5] = "no message"  # type: ignore[call-overload]

    body = {"batch": orders, "writeKey": key}
    answer = client.post("/v1/batch", body, content_type="application/json").json()

    assert [one["index"] for one in answer["refused"]] == [5]
    assert len(waiting()) == 8 * 4


def test_traits_are_stated_once_for_all_lines_of_an_order(client: Client) -> None:
    key = make_key("events", vouched=("analytics", "personalization"))
    order = {
        "event": "Order Completed",
        "userId": "anna",
        "context": {"traits": {"plan": "pro", "friends": [{"a": 1}]}},
        "properties": {"order_id": "o", "products": [{"product_id": "1"}, {"product_id": "2"}]},
    }

    body = {**order, "writeKey": key}
    client.post("/v1/track", body, content_type="application/json")

    first, second = waiting()
    assert (first.traits, second.traits) == ({"plan": "pro"}, {})
    assert "traits" in first.properties
    assert "traits" not in second.properties


def test_an_event_of_google_with_too_many_items_is_refused_by_them(client: Client) -> None:
    key = make_key("events", vouched=("analytics", "personalization"))
    items = [{"item_id": str(line)} for line in range(MOST_LINES + 1)]
    body = {"client_id": "c-1", "events": [{"name": "view_item_list", "params": {"items": items}}]}

    answer = client.post(
        f"/mp/collect?measurement_id=G-1&api_secret={key}", body, content_type="application/json"
    )

    (told,) = answer.json()["validationMessages"]
    assert told["fieldPath"] == "events[0].params.items"


def test_as_many_lines_as_an_event_may_have_are_all_there() -> None:
    lines = [{"product_id": str(line)} for line in range(MOST_LINES)]

    assert len(commerce_properties("purchase", {"products": lines})) == MOST_LINES
