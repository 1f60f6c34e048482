"""An order of which two profiles each heard is one order, once they are one person."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from personalization.events.tracking import track
from personalization.profiles.facts import Facts
from personalization.profiles.models import Profile, ProfileMerge
from personalization.profiles.rebuilding import rebuild_everything
from personalization.profiles.undoing import undo_merge
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db

Consume = Callable[[], None]
Told = tuple[str, dict[str, Any]]
LINE = {"item_id": "1", "order_id": "o1", "price": 10, "category": "mugs"}
OTHER = {"item_id": "2", "order_id": "o1", "price": 5, "category": "mugs"}
WHOLE = {"order_id": "o1", "value": 15}
SIDES: dict[str, dict[str, Any]] = {
    "browser": {"user_id": None, "anonymous_id": "b1"},
    "account": {"user_id": "anna", "anonymous_id": None},
}


def tell(*told: Told, consume: Consume) -> None:
    agree(user_id="anna")
    agree(anonymous_id="b1")
    for side, properties in told:
        event = make_event(type="purchase", properties=properties, **SIDES[side])
        assert track([event], now=timezone.now()).refused == ()
    consume()


def join(consume: Consume) -> None:
    event = make_event(type="identify", anonymous_id="b1", properties={})
    assert track([event], now=NOON).refused == ()
    consume()


def money(facts: Facts) -> float:
    return float(sum(facts["sums"].get("purchase", {}).values()))


def assert_facts_are_what_events_make() -> None:
    assert rebuild_everything(write=False).differing == ()


@pytest.mark.parametrize("second", [LINE, {**LINE, "category": "gifts"}, {**WHOLE, "value": 10}])
def test_an_order_that_both_heard_of_is_paid_once_when_they_are_joined(
    consume: Consume, second: dict[str, Any]
) -> None:
    tell(("browser", LINE), ("account", second), consume=consume)

    join(consume)

    facts = Profile.objects.get().facts
    assert (money(facts), sum(facts["counts"]["purchase"].values())) == (10, 1)
    assert list(facts["orders"]["purchase"].values()) == [10]
    assert facts["category_sums"]["purchase"] == {"mugs": facts["sums"]["purchase"]}
    assert_facts_are_what_events_make()


def test_orders_that_only_one_heard_of_add_up(consume: Consume) -> None:
    tell(("browser", LINE), ("account", {**LINE, "order_id": "o2"}), consume=consume)

    join(consume)

    assert money(Profile.objects.get().facts) == 20
    assert_facts_are_what_events_make()


def test_taken_apart_again_each_has_its_own(consume: Consume) -> None:
    tell(("browser", LINE), ("account", LINE), consume=consume)
    before = sorted(Profile.objects.values_list("pk", "facts__sums"))
    join(consume)

    undo_merge(ProfileMerge.objects.get().pk, by="anyone", why="two people", now=timezone.now())

    assert sorted(Profile.objects.values_list("pk", "facts__sums")) == before
    assert_facts_are_what_events_make()


def test_where_acts_were_never_stored_nothing_is_taken_out(consume: Consume) -> None:
    tell(("browser", LINE), ("account", LINE), consume=consume)
    Profile.objects.update(has_unkept_acts=True)

    join(consume)

    assert money(Profile.objects.get().facts) == 20


LINES = (LINE, OTHER, WHOLE, {**LINE, "order_id": "o2"}, {**LINE, "order_line": 2})


@pytest.mark.parametrize("seed", range(6))
def test_whoever_told_what_it_comes_to_what_one_profile_would_have(
    consume: Consume, seed: int
) -> None:
    draw = random.Random(seed)  # no secret
    told = [(draw.choice(sorted(SIDES)), draw.choice(LINES)) for _ in range(6)]
    tell(*told[:4], consume=consume)
    join(consume)
    tell(*told[4:], consume=consume)
    agree(user_id="bert")
    for _, properties in told:
        event = make_event(type="purchase", properties=properties, user_id="bert")
        track([event], now=timezone.now())
    consume()

    merged, alone = (one.facts for one in Profile.objects.order_by("pk"))

    assert (money(merged), merged["orders"]) == (money(alone), alone["orders"])
    assert_facts_are_what_events_make()


def test_what_is_no_order_counts_on_both_sides_joined_and_parted(consume: Consume) -> None:
    tell(("browser", LINE), ("account", LINE), consume=consume)
    for side in SIDES.values():
        event = make_event(type="payment_attempt", properties=WHOLE, **side)
        assert track([event], now=timezone.now()).refused == ()
    join(consume)
    facts = Profile.objects.get().facts
    assert sum(facts["sums"]["payment_attempt"].values()) == 30
    assert_facts_are_what_events_make()

    undo_merge(ProfileMerge.objects.get().pk, by="olga", why="Two sisters", now=NOON)

    parted = [one.facts["sums"]["payment_attempt"] for one in Profile.objects.all()]
    assert [sum(days.values()) for days in parted] == [15, 15]
    assert_facts_are_what_events_make()
