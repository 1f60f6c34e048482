"""The money of an order is counted once, by however many doors and in whatever way it comes."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from personalization.doors.commerce import commerce_properties
from personalization.events.models import Event
from personalization.events.tracking import track
from personalization.profiles.models import Profile
from personalization.profiles.rebuilding import rebuild_everything
from tests.factories import NOON, agree, make_event, make_key

pytestmark = pytest.mark.django_db

Consume = Callable[[], None]
ONE_LINE = {"item_id": "1", "order_id": "o1", "price": 10}


@pytest.fixture(autouse=True)
def facts_are_what_events_make() -> Iterator[None]:
    """Whatever came in whatever way, facts folded anew are those that were kept."""
    agree(user_id="anna")
    yield
    assert rebuild_everything(write=False).differing == ()


def send(*told: dict[str, Any], kind: str = "purchase") -> None:
    events = [make_event(type=kind, properties=properties) for properties in told]
    assert track(events, now=NOON).refused == ()


def money(kind: str = "purchase") -> float:
    return float(sum(Profile.objects.get().facts["sums"].get(kind, {}).values()))


def acts(kind: str = "purchase") -> int:
    return int(sum(Profile.objects.get().facts["counts"][kind].values()))


def test_a_line_told_again_adds_no_money(consume: Consume) -> None:
    send(ONE_LINE, ONE_LINE)
    consume()
    send({**ONE_LINE, "category": "mugs"})
    consume()

    facts = Profile.objects.get().facts
    assert (acts(), money()) == (1, 10)
    assert Event.objects.count() == 3
    assert facts["category_sums"] == facts["categories"].get("mugs", {}) == {}
    assert [act[1] for act in facts["recent"]] == ["purchase"]


@pytest.mark.parametrize("kind", ["purchase", "refund"])
@pytest.mark.parametrize("is_total_first", [True, False])
def test_an_order_told_by_lines_and_as_a_whole_is_the_same_money(
    consume: Consume, kind: str, is_total_first: bool
) -> None:
    lines = [{"item_id": str(n), "order_id": "o1", "price": 10} for n in range(3)]
    whole = [{"order_id": "o1", "value": 30}]
    for told in (whole, lines) if is_total_first else (lines, whole):
        send(*told, kind=kind)
        consume()

    facts = Profile.objects.get().facts
    assert (acts(kind), money(kind)) == (1, 30)
    assert set(facts["items"][kind]) == {"0", "1", "2"}


def test_both_ways_at_once_are_the_same_money(consume: Consume) -> None:
    send(
        {"order_id": "o1", "value": 30}, {**ONE_LINE, "price": 30}, {"order_id": "o1", "value": 30}
    )
    consume()

    assert money() == 30


def test_a_statement_without_money_leaves_it_to_the_next(consume: Consume) -> None:
    send({"item_id": "1", "order_id": "o1"})
    consume()
    send(ONE_LINE)
    consume()

    assert (acts(), money()) == (1, 10)


def test_a_line_without_an_item_is_paid_beside_the_others(consume: Consume) -> None:
    order = {"order_id": "o1", "products": [{"item_id": "1", "price": 10}, {"price": 5}]}
    for _ in range(2):
        send(*commerce_properties("purchase", order))
        consume()

    assert (acts(), money()) == (1, 15)


def test_an_item_that_an_order_has_twice_is_paid_twice(consume: Consume) -> None:
    again = {**ONE_LINE, "order_line": 2}
    send({**ONE_LINE, "order_line": 1}, again)
    consume()
    send(ONE_LINE, again)
    consume()

    assert money() == 20


def test_a_total_on_the_first_line_is_the_whole_order(consume: Consume) -> None:
    items = [{"item_id": "1"}, {"item_id": "2"}]
    tag = commerce_properties("purchase", {"order_id": "o1", "value": 30, "items": items})
    send(*tag)
    consume()
    send(ONE_LINE, {**ONE_LINE, "item_id": "2", "price": 20})
    consume()

    assert (acts(), money()) == (1, 30)


def test_lists_say_which_of_an_items_lines_it_is() -> None:
    items = [
        {"item_id": "1", "price": 5},
        {"item_id": "2", "price": 5},
        {"item_id": "1", "price": 4},
    ]
    lines = commerce_properties("purchase", {"order_id": "o1", "items": items})

    assert [line.get("order_line") for line in lines] == [None, None, 2]


@pytest.mark.parametrize("kind", ["order_updated", "coupon_denied", "payment_attempt"])
def test_what_is_no_order_counts_each_time_whatever_order_it_names(
    consume: Consume, kind: str
) -> None:
    attempt = {"order_id": "o1", "value": 10}
    send(attempt, attempt, kind=kind)
    consume()
    send(attempt, kind=kind)
    consume()

    facts = Profile.objects.get().facts
    assert (acts(kind), money(kind)) == (3, 30)
    assert list(facts["highest"][kind].values()) == [10]  # of one of them, not of all
    assert kind not in facts["orders"]


def test_items_that_are_looked_at_beside_an_order_count_each(consume: Consume) -> None:
    send(
        *({"item_id": item, "order_id": "o1", "category": "mugs"} for item in "12"),
        kind="item_view",
    )
    consume()

    facts = Profile.objects.get().facts
    assert acts("item_view") == 2
    assert sum(facts["categories"]["item_view"]["mugs"].values()) == 2
    assert [len(act) for act in facts["recent"]] == [4, 4]


def test_orders_of_two_people_are_two(consume: Consume) -> None:
    agree(user_id="bert")
    send(ONE_LINE)
    track([make_event(user_id="bert", type="purchase", properties=ONE_LINE)], now=NOON)
    consume()

    assert [sum(one.facts["sums"]["purchase"].values()) for one in Profile.objects.all()] == [
        10,
        10,
    ]


def test_a_guests_order_is_not_paid_again_under_the_account(consume: Consume) -> None:
    agree(anonymous_id="browser-1")
    guest = make_event(type="purchase", user_id=None, anonymous_id="browser-1", properties=ONE_LINE)
    track([make_event(), guest], now=NOON)
    consume()
    track([make_event(type="identify", anonymous_id="browser-1", properties={})], now=NOON)
    consume()
    send(ONE_LINE)
    consume()

    assert (acts(), money()) == (1, 10)


def test_an_order_that_comes_through_three_doors_is_paid_once(
    client: Client, consume: Consume
) -> None:
    key = make_key("events", vouched=("analytics", "personalization"))
    basic = base64.b64encode(f"{key}:".encode()).decode()
    items = [{"item_id": "1", "price": 10}]
    order = {
        "event": "Order Completed",
        "userId": "anna",
        "properties": {"order_id": "o1", "total": 10, "products": items},
    }
    bought = {"name": "purchase", "params": {"transaction_id": "o1", "value": 10, "items": items}}
    doors: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        ("/v1/track", order, {"Authorization": f"Basic {basic}"}),
        ("/v1/track", order, {"Authorization": f"Basic {basic}"}),
        (
            f"/mp/collect?measurement_id=G-1&api_secret={key}",
            {"client_id": "1.1", "user_id": "anna", "events": [bought]},
            {},
        ),
        (
            "/api/v1/events",
            {"events": [make_event(type="purchase", occurred_at=None, properties=ONE_LINE)]},
            {"Authorization": f"Api-Key {key}"},
        ),
    ]
    for path, body, headers in doors:
        answer = client.post(
            path, json.dumps(body), content_type="application/json", headers=headers
        )
        assert answer.status_code < 300, answer.content
        consume()

    assert Event.objects.filter(type="purchase").count() == 4
    assert (acts(), money()) == (1, 10)
