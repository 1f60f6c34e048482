"""The live summary: windows, orders, merging."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.events.counting import AS_ACT
from personalization.profiles.facts import (
    UNDECIDING,
    Facts,
    count_within,
    empty_facts,
    pack,
    unpack,
)
from personalization.profiles.folding import (
    ITEMS_KEPT,
    ORDERS_KEPT,
    RECENT_KEPT,
    RECENT_LINES_KEPT,
    Happening,
    merge_facts,
    note_session,
    remember,
)
from tests.factories import NOON

happenings = st.lists(
    st.builds(
        Happening,
        type=st.sampled_from(["item_view", "purchase", "exposure"]),
        at=st.builds(
            lambda minutes, ms: NOON - timedelta(minutes=minutes, milliseconds=ms),
            st.integers(0, 90 * 1440),
            st.sampled_from([0, 1, 500]),
        ),
        item_id=st.sampled_from(["", "a", "b"]),
        category=st.sampled_from(["", "lanterns"]),
        value=st.none() | st.integers(0, 10_000).map(lambda pence: pence / 100),
        traits=st.dictionaries(
            st.sampled_from(["plan", "city"]), st.sampled_from(["x", "y", 1, None])
        ),
        source=st.sampled_from(["crm", "page", "enrichment"]),
        is_counted=st.booleans(),
        is_counted_in_category=st.booleans(),
        order=st.sampled_from(["", "o1", "o2"]),
        rank=st.sampled_from([1, 6]),
        terms=st.none(),
        is_money_counted=st.booleans(),
        is_repeated=st.booleans(),
    ),
    max_size=30,
)


def facts_of(*events: Happening) -> Facts:
    facts = empty_facts()
    for event in events:
        remember(facts, event)
    note_session(facts)
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


def test_recent_keeps_the_newest_hundred_in_order_of_time() -> None:
    late_arrival = Happening("item_view", NOON - timedelta(seconds=5), item_id="late")
    many = [Happening("item_view", NOON + timedelta(seconds=n), item_id=str(n)) for n in range(120)]

    facts = facts_of(*many, late_arrival)

    assert len(facts["recent"]) == RECENT_KEPT
    assert facts["recent"] == sorted(facts["recent"])
    assert facts["recent"][-1][2] == "119"


def test_further_lines_of_an_order_push_no_act_out() -> None:
    viewed = Happening("item_view", NOON - timedelta(days=1), item_id="viewed")
    order = [purchase(NOON, item_id=str(n), is_counted=n == 0) for n in range(150)]

    facts = facts_of(viewed, *order)

    assert facts["recent"][0][2] == "viewed"
    assert len(facts["recent"]) == 151
    assert facts["session"]["types"] == {"purchase": 1}
    assert facts["session"]["events"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_long_history_is_the_same_in_any_order_and_in_two_halves(seed: int) -> None:
    random = Random(seed)
    events = [
        purchase(
            NOON - timedelta(minutes=random.randrange(9_000)),
            item_id=str(random.randrange(50)),
            is_counted=random.random() < random.choice([0.1, 0.5]),
            is_counted_in_category=random.random() < 0.5,
        )
        for _ in range(600)
    ]
    shuffled = random.sample(events, len(events))

    facts = facts_of(*events)

    assert sum(len(act) == 4 or act[4] & AS_ACT for act in facts["recent"]) <= RECENT_KEPT
    assert len(facts["recent"]) <= RECENT_LINES_KEPT
    assert facts_of(*shuffled) == facts
    assert merge_facts(facts_of(*shuffled[:250]), facts_of(*shuffled[250:])) == facts


def test_displays_are_counted_but_are_not_the_visitors_acts() -> None:
    facts = facts_of(Happening("exposure", NOON))

    assert facts["recent"] == []
    assert facts["counts"]["exposure"]


def test_the_newer_of_two_statements_wins_whichever_arrives_first() -> None:
    older = Happening(
        "identify", NOON - timedelta(days=1), traits={"plan": "silver", "city": "Ulm"}
    )
    newer = Happening("identify", NOON, traits={"plan": "gold"})

    assert facts_of(newer, older)["traits"] == {"plan": "gold", "city": "Ulm"}
    assert merge_facts(facts_of(older), facts_of(newer))["traits"]["plan"] == "gold"


@pytest.mark.parametrize("later", ["free", "zero", None])
def test_the_later_of_two_statements_in_one_second_wins(later: str | None) -> None:
    first = Happening("identify", NOON + timedelta(milliseconds=100), traits={"plan": "pro"})
    second = Happening("identify", NOON + timedelta(milliseconds=900), traits={"plan": later})

    for facts in (
        facts_of(first, second),
        facts_of(second, first),
        merge_facts(facts_of(second), facts_of(first)),
    ):
        assert facts["traits"] == ({"plan": later} if later else {})


def test_what_was_stated_before_microseconds_were_kept_still_compares() -> None:
    facts = facts_of(Happening("identify", NOON, traits={"plan": "pro"}, source="page"))
    assert facts["provenance"] == {"plan": ["page", int(NOON.timestamp())]}

    remember(
        facts, Happening("identify", NOON + timedelta(microseconds=1), traits={"plan": "free"})
    )

    assert facts["traits"] == {"plan": "free"}


def test_a_null_clears_a_trait_for_whatever_was_said_before() -> None:
    stated = Happening("identify", NOON - timedelta(days=1), traits={"plan": "pro", "city": "Ulm"})
    cleared = Happening("identify", NOON, traits={"plan": None, "age": None})
    again = Happening("identify", NOON + timedelta(days=1), traits={"plan": "free"})

    assert facts_of(stated, cleared)["traits"] == {"city": "Ulm"}
    assert facts_of(cleared, stated)["traits"] == {"city": "Ulm"}
    assert facts_of(again, cleared, stated)["traits"] == {"city": "Ulm", "plan": "free"}


def test_what_was_bought_in_fills_gaps_but_contradicts_nobody() -> None:
    stated = Happening("identify", NOON, traits={"plan": "gold"}, source="page")
    bought = Happening(
        "identify",
        NOON + timedelta(days=1),
        traits={"plan": "none", "income": "high"},
        source="enrichment",
    )

    facts = facts_of(stated, bought)

    assert facts["traits"] == {"plan": "gold", "income": "high"}
    assert facts["provenance"]["plan"][0] == "page"


def test_of_many_items_the_newest_two_hundred_are_kept() -> None:
    views = [
        Happening("item_view", NOON - timedelta(days=n // 10), item_id=f"i{n}") for n in range(250)
    ]

    items = facts_of(*views)["items"]["item_view"]

    assert len(items) == ITEMS_KEPT
    assert "i0" in items
    assert "i249" not in items


@given(happenings, st.randoms())
def test_the_order_in_which_events_arrive_changes_nothing(
    events: list[Happening], random: Random
) -> None:
    shuffled = random.sample(events, len(events))

    assert facts_of(*shuffled) == facts_of(*events)


@given(happenings, happenings)
def test_merging_two_histories_is_the_same_as_having_had_one(
    first: list[Happening], second: list[Happening]
) -> None:
    assert merge_facts(facts_of(*first), facts_of(*second)) == facts_of(*first, *second)


@given(happenings)
def test_facts_survive_the_way_through_redis(events: list[Happening]) -> None:
    facts = facts_of(*events)

    assert unpack(pack(facts)) == facts | UNDECIDING


def test_money_is_summed_by_category_and_its_extremes_are_kept_by_day() -> None:
    facts = facts_of(
        purchase(category="mugs", value=8), purchase(value=3), purchase(category="mugs", value=5)
    )

    [day] = facts["counts"]["purchase"]
    assert facts["category_sums"] == {"purchase": {"mugs": {day: 13}}}
    assert (facts["lowest"], facts["highest"]) == ({"purchase": {day: 3}}, {"purchase": {day: 8}})


def test_an_order_is_worth_what_its_lines_come_to() -> None:
    lines = [purchase(NOON, value=money, order="o1") for money in (300, 250.5)]
    facts = facts_of(*lines, purchase(NOON, value=20, order="o2"), purchase(NOON, value=30))

    [day] = facts["counts"]["purchase"]
    assert facts["orders"] == {"purchase": {f"{day}:o1": 550.5, f"{day}:o2": 20}}
    assert facts["highest"] == {"purchase": {day: 30}}


def test_of_many_orders_the_newest_two_hundred_are_kept_whole() -> None:
    orders = [
        purchase(NOON - timedelta(days=n), value=5, order=f"o{n}") for n in range(ORDERS_KEPT + 20)
    ]
    twice = Random(3).sample([*orders, *orders], 2 * len(orders))

    facts = facts_of(*twice)

    assert len(facts["orders"]["purchase"]) == ORDERS_KEPT
    assert set(facts["orders"]["purchase"].values()) == {10}
    assert facts == facts_of(*orders, *orders)
    assert merge_facts(facts_of(*twice[:200]), facts_of(*twice[200:])) == facts


def test_facts_kept_before_a_key_existed_are_remembered_and_merged() -> None:
    old = facts_of(purchase(category="mugs", value=8))
    for key in ("category_sums", "lowest", "highest", "orders"):
        del old[key]

    assert merge_facts(old, facts_of(purchase(value=3)))["lowest"]["purchase"]
    assert merge_facts(old, old)["highest"] == {}
    remember(old, purchase(category="mugs", value=2))
    assert list(old["highest"]["purchase"].values()) == [2]
