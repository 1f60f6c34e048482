"""The live summary: windows, orders, merging."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from personalization.profiles.facts import (
    RECENT_KEPT,
    Facts,
    Happening,
    count_within,
    empty_facts,
    merge_facts,
    pack,
    remember,
    unpack,
)
from tests.factories import NOON

happenings = st.lists(
    st.builds(
        Happening,
        type=st.sampled_from(["item_view", "purchase", "exposure"]),
        at=st.integers(0, 90).map(lambda days: NOON - timedelta(days=days)),
        item_id=st.sampled_from(["a", "b"]),
        category=st.sampled_from(["", "lanterns"]),
        value=st.none() | st.integers(0, 10_000).map(lambda pence: pence / 100),
    ),
    max_size=30,
)


def facts_of(*events: Happening) -> Facts:
    facts = empty_facts()
    for event in events:
        remember(facts, event)
    return facts


def purchase(at: datetime = NOON, **changes: Any) -> Happening:
    return Happening("purchase", at, **changes)


def test_a_window_holds_today_and_the_days_before() -> None:
    facts = facts_of(
        purchase(), purchase(NOON - timedelta(days=29)), purchase(NOON - timedelta(days=30))
    )

    days = facts["counts"]["purchase"]

    assert count_within(days, window=30, now=NOON) == 2
    assert count_within(days, window=None, now=NOON) == 3
    assert count_within(days, window=1, now=NOON) == 1


def test_an_order_of_three_lines_is_one_purchase_and_its_money_is_summed() -> None:
    lines = [purchase(order_id="o1", value=10.0, item_id=str(n)) for n in range(3)]

    facts = facts_of(*lines, purchase(order_id="o2", value=1.0))

    assert count_within(facts["counts"]["purchase"], window=None, now=NOON) == 2
    assert count_within(facts["sums"]["purchase"], window=None, now=NOON) == 31


def test_a_refund_of_an_order_is_not_taken_for_the_order() -> None:
    facts = facts_of(purchase(order_id="o1"), Happening("refund", NOON, order_id="o1"))

    assert count_within(facts["counts"]["refund"], window=None, now=NOON) == 1


def test_recent_keeps_the_newest_hundred_in_order_of_time() -> None:
    late_arrival = Happening("item_view", NOON - timedelta(seconds=5), item_id="late")
    many = [Happening("item_view", NOON + timedelta(seconds=n), item_id=str(n)) for n in range(120)]

    facts = facts_of(*many, late_arrival)

    assert len(facts["recent"]) == RECENT_KEPT
    assert facts["recent"] == sorted(facts["recent"])
    assert facts["recent"][-1][2] == "119"


def test_displays_are_counted_but_are_not_the_visitors_acts() -> None:
    facts = facts_of(Happening("exposure", NOON))

    assert facts["recent"] == []
    assert facts["counts"]["exposure"]


def test_the_kept_profile_wins_over_traits_of_the_absorbed() -> None:
    kept = {**empty_facts(), "traits": {"country": "France"}}
    absorbed = {**empty_facts(), "traits": {"country": "Germany", "plan": "gold"}}

    assert merge_facts(kept, absorbed)["traits"] == {"country": "France", "plan": "gold"}


@given(happenings, happenings)
def test_merging_two_histories_is_the_same_as_having_had_one(
    first: list[Happening], second: list[Happening]
) -> None:
    merged = merge_facts(facts_of(*first), facts_of(*second))
    together = facts_of(*first, *second)

    for name in ("counts", "categories", "lowest", "highest", "first", "last"):
        assert merged[name] == together[name]
    for kind, days in together["sums"].items():
        assert merged["sums"][kind].keys() == days.keys()
        for day, money in days.items():
            assert abs(merged["sums"][kind][day] - money) < 0.001
    assert merged["recent"] == sorted(together["recent"])


@given(happenings)
def test_facts_survive_the_way_through_redis(events: list[Happening]) -> None:
    facts = facts_of(*events)

    assert unpack(pack(facts)) == facts


def test_money_is_summed_by_category_and_its_extremes_are_kept_by_day() -> None:
    facts = facts_of(
        purchase(category="mugs", value=8), purchase(value=3), purchase(category="mugs", value=5)
    )

    [day] = facts["counts"]["purchase"]
    assert facts["category_sums"] == {"purchase": {"mugs": {day: 13}}}
    assert (facts["lowest"], facts["highest"]) == ({"purchase": {day: 3}}, {"purchase": {day: 8}})


def test_facts_kept_before_a_key_existed_are_remembered_and_merged() -> None:
    old = facts_of(purchase(category="mugs", value=8))
    for key in ("category_sums", "lowest", "highest"):
        del old[key]

    assert merge_facts(old, facts_of(purchase(value=3)))["lowest"]["purchase"]
    assert merge_facts(old, old)["highest"] == {}
    remember(old, purchase(category="mugs", value=2))
    assert list(old["highest"]["purchase"].values()) == [2]
