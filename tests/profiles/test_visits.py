"""Visits are told by the times of acts, whatever the order in which they arrive."""

from datetime import timedelta
from typing import Any

from personalization.profiles.facts import Facts, empty_facts
from personalization.profiles.folding import Happening, merge_facts, note_session, remember
from tests.factories import NOON


def facts_of(*acts: Happening) -> Facts:
    facts = empty_facts()
    for act in acts:
        remember(facts, act)
    note_session(facts)
    return facts


def test_half_an_hour_without_an_act_ends_a_visit() -> None:
    acts = [Happening("item_view", NOON + timedelta(minutes=at)) for at in (0, 30, 61, 70)]

    session = facts_of(*acts)["session"]

    assert session["events"] == 2
    assert session["started"] == (NOON + timedelta(minutes=61)).timestamp()
    assert session["types"] == {"item_view": 2}


def test_late_acts_open_visits_close_gaps_and_begin_visits_earlier() -> None:
    def visits(*minutes: int) -> dict[str, Any]:
        acts = [Happening("item_view", NOON + timedelta(minutes=at)) for at in minutes]
        described: dict[str, Any] = facts_of(*acts)["session"]
        return described

    assert visits(-50, -5)["number"] == 2
    assert visits(-50, -5, -20)["number"] == 1
    assert visits(-50, -5, -20)["events"] == 3
    assert visits(-50, -120)["number"] == 2
    assert visits(-50, -70)["number"] == 1


def test_a_visit_over_midnight_is_one_of_the_day_on_which_it_began() -> None:
    acts = [Happening("item_view", NOON - timedelta(minutes=at)) for at in (700, 730, 710)]

    yesterday = str(int(NOON.timestamp()) // 86_400 - 1)
    assert facts_of(*acts)["counts"]["session"] == {yesterday: 1}


def test_facts_that_are_older_than_their_visits_go_on_counting() -> None:
    acts = [Happening("item_view", NOON - timedelta(minutes=at)) for at in (600, 50)]
    old, now = facts_of(*acts), Happening("item_view", NOON - timedelta(minutes=30))
    [day] = old["counts"]["session"]
    older = {**old, "counts": {**old["counts"], "session": {day: 7}}, "visits": []}

    remember(older, Happening("exposure", NOON))
    note_session(older)
    assert older["session"]["started"] == (NOON - timedelta(minutes=50)).timestamp()
    remember(older, now)

    assert older["counts"]["session"] == {day: 7}
    assert merge_facts(facts_of(now), {**older, "visits": []})["counts"]["session"] == {day: 7}
