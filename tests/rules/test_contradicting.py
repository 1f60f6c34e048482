"""Conditions that exclude each other are found, and no others."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.rules.compiling import Known, compile_rule
from personalization.rules.contradicting import (
    always_holds,
    can_never_hold,
    impossible_parts,
    needless_parts,
)
from personalization.rules.parsing import parse_rule
from personalization.rules.references import among, inlined

from .drawn_rules import RULES, SEGMENTS
from .population import NOW, some_facts


def country(operator: str, value: Any) -> dict[str, Any]:
    return {"fact": "trait", "name": "country", "operator": operator, "value": value}


def bought(operator: str, value: float, days: int = 30) -> dict[str, Any]:
    fact = {"fact": "count", "event": "purchase", "days": days}
    return {**fact, "operator": operator, "value": value}


def spent(operator: str, value: float) -> dict[str, Any]:
    return {"fact": "sum", "event": "purchase", "operator": operator, "value": value}


def since(operator: str, value: int | None = None) -> dict[str, Any]:
    return {"fact": "days_since", "event": "purchase", "operator": operator, "value": value}


def hour(operator: str, value: Any) -> dict[str, Any]:
    return {"fact": "context", "name": "hour", "operator": operator, "value": value}


NEVER = [
    {"all": [country("equals", "France"), country("equals", "Germany")]},
    {"all": [country("in", ["France", "Spain"]), country("not_in", [" SPAIN", "france"])]},
    {"all": [country("equals", "France"), {"none": [country("begins", "fr")]}]},
    {"all": [country("is_not_set", None), country("not_equals", "France")]},
    {"all": [country("begins", "fr"), {"all": [country("begins", "ge")]}]},
    {"all": [bought("greater", 3), bought("less", 4)]},
    {"all": [bought("less", 0)]},
    {"all": [spent("greater", 10), spent("less", 10.01)]},
    {"all": [since("greater", 30), since("at_most", 7)]},
    {"all": [since("is_not_set"), since("at_most", 7)]},
    {"all": [hour("greater", 23)]},
    {"none": [bought("at_least", 1), bought("equals", 0)]},
    {"none": [bought("at_least", 0)]},
    {"any": [{"all": [bought("less", 0)]}, bought("less", 0, 7)]},
    {"all": [country("equals", "France"), {"any": [bought("less", 0)]}]},
]
POSSIBLE = [
    {"all": [country("equals", "France"), country("in", ["FRANCE", "Spain"])]},
    {"all": [country("begins", "fr"), country("contains", "an"), country("not_equals", "fr an")]},
    {"all": [country("contains", "a"), {"none": [country("contains", "b")]}]},
    {"all": [bought("greater", 3), bought("less", 5)]},
    {"all": [bought("greater", 3), bought("less", 2, 7)]},
    {"all": [spent("greater", 10), spent("less", 10.02)]},
    {"any": [country("equals", "France"), country("equals", "Germany")]},
    {"none": [country("equals", "France"), country("equals", "Germany")]},
]


@pytest.mark.parametrize("raw", NEVER)
def test_what_excludes_itself_is_found(raw: Any) -> None:
    assert can_never_hold(parse_rule(raw))


@pytest.mark.parametrize("raw", POSSIBLE)
def test_what_can_hold_is_left_alone(raw: Any) -> None:
    assert not can_never_hold(parse_rule(raw))
    assert impossible_parts(parse_rule(raw)) == []


def test_the_conditions_that_clash_are_named_and_no_others() -> None:
    rule = parse_rule({"all": [country("equals", "France"), bought("less", 9), *NEVER[0]["all"]]})

    assert impossible_parts(rule) == [
        "“country is France” and “country is Germany” cannot hold together"
    ]


def test_an_idle_part_of_a_rule_that_works_is_named() -> None:
    rule = parse_rule({"any": [bought("greater", 3), {"all": NEVER[0]["all"]}]})

    assert not can_never_hold(rule)
    assert len(impossible_parts(rule)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        {"all": [bought("at_least", 0)]},
        {"any": [country("is_set", None), country("is_not_set", None)]},
        {"any": [bought("less", 5), bought("greater", 3)]},
        {"none": [bought("less", 0)]},
    ],
)
def test_what_holds_for_everybody_is_found(raw: Any) -> None:
    assert always_holds(parse_rule(raw))


def test_a_condition_that_says_nothing_is_named() -> None:
    rule = parse_rule({"all": [bought("at_least", 0), country("equals", "France")]})

    assert not always_holds(rule)
    assert needless_parts(rule) == ["at least 0 purchases in the last 30 days"]


def test_money_spent_in_one_category_can_be_reached() -> None:
    fact = {"fact": "sum", "event": "purchase", "category": "Shoes"}
    rule = parse_rule({"all": [{**fact, "operator": "at_least", "value": 100}]})

    assert not can_never_hold(rule)
    assert not always_holds(rule)


@given(raw=RULES, seed=st.integers(0, 9))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_nobody_passes_what_never_holds_and_everybody_what_always_does(raw: Any, seed: int) -> None:
    resolve = among({key: {"rule": rule} for key, rule in SEGMENTS.items()})
    rule = inlined(parse_rule(raw), resolve=resolve)
    matches = compile_rule(rule).matches
    random = Random(seed)
    held = {matches(Known(some_facts(random), {}, NOW)) for _ in range(20)}

    assert not (can_never_hold(rule) and True in held)
    assert not (always_holds(rule) and False in held)
