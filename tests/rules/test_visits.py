"""Facts that hang on minutes, places and choices."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consent.checking import Choices
from personalization.events.counting import IN_CATEGORY
from personalization.rules.compiling import Known, compile_rule
from personalization.rules.geography import Point, metres_between
from personalization.rules.parsing import parse_rule
from personalization.rules.tracing import holds_for, trace

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
BERLIN, PARIS = Point(52.52, 13.405), Point(48.8566, 2.3522)
ABANDONED = {
    "fact": "sequence",
    "event": "add_to_cart",
    "then": "purchase",
    "minutes": 60,
    "operator": "not_followed",
}


def condition(kind: str, operator: str, value: Any = None, **rest: Any) -> dict[str, Any]:
    return {"fact": kind, "operator": operator, "value": value, **rest}


def holds(raw: dict[str, Any], known: Known) -> bool:
    return compile_rule(parse_rule({"all": [raw]})).matches(known)


def visitor(*acts: tuple[int, str], **facts: Any) -> Known:
    """Return someone who did these things so many minutes ago."""
    recent = [[int(NOON.timestamp()) - ago * 60, kind, "", ""] for ago, kind in acts]
    return Known({"recent": sorted(recent), **facts}, {}, NOON)


@pytest.mark.parametrize(
    ("acts", "operator", "expected"),
    [
        ([(90, "add_to_cart")], "not_followed", True),
        ([(30, "add_to_cart")], "not_followed", False),
        ([(90, "add_to_cart"), (40, "purchase")], "not_followed", False),
        ([(90, "add_to_cart"), (10, "purchase")], "not_followed", True),
        ([(300, "add_to_cart"), (90, "add_to_cart"), (80, "purchase")], "not_followed", False),
        ([(90, "purchase")], "not_followed", False),
        ([(90, "add_to_cart"), (40, "purchase")], "done", True),
        ([(90, "purchase"), (80, "add_to_cart")], "done", False),
        ([(300, "add_to_cart"), (290, "purchase"), (5, "add_to_cart")], "done", True),
        ([(300, "add_to_cart"), (290, "purchase"), (90, "add_to_cart")], "not_followed", True),
    ],
)
def test_one_act_followed_by_another_in_time(
    acts: list[tuple[int, str]], operator: str, expected: bool
) -> None:
    assert holds({**ABANDONED, "operator": operator}, visitor(*acts)) is expected


def test_the_lines_of_one_order_are_no_repeated_purchase() -> None:
    at = int(NOON.timestamp()) - 600
    first = [at, "purchase", "1", "mugs"]
    further = [[at, "purchase", "2", "mugs", 0], [at + 1, "purchase", "3", "lanterns", IN_CATEGORY]]
    again = [at + 60, "purchase", "1", "mugs"]
    repeated = {**ABANDONED, "event": "purchase", "operator": "done"}

    assert not holds(repeated, Known({"recent": [first, *further]}, {}, NOON))
    assert holds(repeated, Known({"recent": [first, *further, again]}, {}, NOON))
    assert not holds({**repeated, "then_category": "mugs"}, Known({"recent": further}, {}, NOON))
    both = {**repeated, "category": "mugs", "then_category": "lanterns"}
    assert holds(both, Known({"recent": [first, *further]}, {}, NOON))


def test_of_two_acts_in_one_second_neither_followed_the_other() -> None:
    at = int(NOON.timestamp()) - 6_000
    acts = [[at, "add_to_cart", "", ""], [at, "purchase", "", ""]]

    assert not holds({**ABANDONED, "operator": "done"}, Known({"recent": acts}, {}, NOON))
    assert holds(ABANDONED, Known({"recent": acts}, {}, NOON))


def test_the_largest_and_the_smallest_purchase_are_whole_orders() -> None:
    today = int(NOON.timestamp()) // 86_400
    orders = {f"{today}:a": 300, f"{today - 30}:a": 250, f"{today - 30}:b": 900, f"{today}:c": 40}
    facts = {"orders": {"purchase": orders}, "highest": {"purchase": {str(today): 60}}}
    known = Known(facts, {}, NOON)
    largest = condition("maximum", "equals", 550, event="purchase", days=30)
    smallest = condition("minimum", "equals", 40, event="purchase", days=30)

    assert holds(largest, known)
    assert holds({**largest, "days": None, "value": 900}, known)
    assert holds(smallest, known)
    assert not holds({**smallest, "days": None, "operator": "greater"}, known)


def test_a_sequence_may_ask_for_categories() -> None:
    seconds = int(NOON.timestamp())
    acts = [[seconds - 90, "item_view", "", "mugs"], [seconds - 60, "purchase", "", "lanterns"]]
    known = Known({"recent": acts}, {}, NOON)
    followed = {**ABANDONED, "event": "item_view", "operator": "done"}

    assert holds({**followed, "category": "mugs", "then_category": "lanterns"}, known)
    assert not holds({**followed, "category": "lanterns"}, known)


@pytest.mark.parametrize(("idle", "acts"), [(30, 3), (31, 0)])
def test_a_visit_is_over_after_thirty_minutes(idle: int, acts: int) -> None:
    last = int((NOON - timedelta(minutes=idle)).timestamp())
    held = {"number": 4, "started": last - 600, "last": last, "events": 3, "types": {"search": 3}}
    known = Known({"session": held}, {}, NOON)

    assert holds(condition("session", "equals", acts, name="events"), known)
    assert holds(condition("session", "equals", 40 if acts else 0, name="minutes"), known)
    assert holds(condition("in_session", "equals", acts, event="search"), known)
    assert holds(condition("session", "equals", 4, name="number"), known)


@pytest.mark.parametrize(
    ("time", "day", "night"),
    [
        ("09:00", True, False),
        ("17:00", False, False),
        ("22:00", False, True),
        ("05:59", False, True),
        ("06:00", False, False),
    ],
)
def test_a_range_of_times_may_go_over_midnight(time: str, day: bool, night: bool) -> None:
    known = Known({}, {"time": time}, NOON)
    between = {"fact": "context", "name": "time", "operator": "between_times"}

    assert holds({**between, "value": ["09:00", "17:00"]}, known) is day
    assert holds({**between, "value": ["22:00", "06:00"]}, known) is night
    assert not holds({**between, "value": ["22:00", "06:00"]}, Known({}, {}, NOON))


def test_the_visit_says_where_somebody_is_before_their_traits_do() -> None:
    near_berlin = condition("location", "within_km", [*BERLIN, 10])
    lives_in_paris = {"traits": {"latitude": PARIS.latitude, "longitude": PARIS.longitude}}
    in_berlin = {"latitude": 52.5, "longitude": 13.4}

    assert holds(near_berlin, Known(lives_in_paris, in_berlin, NOON))
    assert not holds(near_berlin, Known(lives_in_paris, {}, NOON))
    assert holds({**near_berlin, "operator": "beyond_km"}, Known(lives_in_paris, {}, NOON))
    for operator in ("within_km", "beyond_km"):
        assert not holds({**near_berlin, "operator": operator}, Known({}, {}, NOON))


def test_a_distance_is_that_over_a_round_earth() -> None:
    assert metres_between(BERLIN, PARIS) == pytest.approx(877_460, abs=100)
    assert metres_between(BERLIN, BERLIN) == 0
    assert metres_between(Point(0, 0), Point(0, 180)) == pytest.approx(20_015_115, abs=1)


def test_a_refusal_is_no_consent_and_neither_is_silence() -> None:
    agreed = Known({}, {}, NOON, choices=Choices(frozenset(["training"])))
    refused = Known({}, {}, NOON, choices=Choices(frozenset(["training"]), frozenset(["training"])))

    assert holds(condition("consent", "granted", name="training"), agreed)
    assert holds(condition("consent", "not_granted", name="training"), refused)
    assert holds(condition("consent", "not_granted", name="analytics"), agreed)
    assert holds(condition("consent", "granted", name="necessary"), refused)


def test_a_rule_on_consent_alone_is_asked_of_strangers_too() -> None:
    asked = compile_rule(parse_rule({"all": [condition("consent", "not_granted", name="sale")]}))

    assert not asked.reads_profile


def test_choices_that_nobody_could_tell_are_left_open() -> None:
    asked = compile_rule(parse_rule({"all": [condition("consent", "granted", name="training")]}))

    assert holds_for(asked, Known({}, {}, NOON)) is None
    assert trace(asked, Known({}, {}, NOON)).members[0].actual == "depends on the profile"


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("has_some", ["TEA", "beer"], True),
        ("has_some", ["beer"], False),
        ("has_all", ["tea", 7], True),
        ("has_all", ["tea", "beer"], False),
        ("has_none", ["beer"], True),
        ("has_none", ["tea"], False),
        ("equals", "tea", False),
        ("not_equals", "tea", True),
    ],
)
def test_a_list_has_some_all_or_none(operator: str, value: Any, expected: bool) -> None:
    likes = condition("trait", operator, value, name="likes")
    stated = Known({"traits": {"likes": ["Tea", 7, True]}}, {}, NOON)

    assert holds(likes, stated) is expected
    assert not holds(likes, Known({"traits": {"likes": []}}, {}, NOON))


def test_a_value_stated_alone_is_a_list_of_one() -> None:
    known = Known({"traits": {"likes": "tea"}}, {}, NOON)

    assert holds(condition("trait", "has_all", ["tea"], name="likes"), known)


def test_different_items_are_counted_once_each() -> None:
    today = int(NOON.timestamp()) // 86_400
    items = {"item_view": {"a": str(today), "b": str(today - 6), "c": str(today - 7)}}
    seen = condition("distinct", "equals", 2, of="items", event="item_view", days=7)

    assert holds(seen, Known({"items": items}, {}, NOON))
    assert holds({**seen, "days": None, "value": 3}, Known({"items": items}, {}, NOON))
