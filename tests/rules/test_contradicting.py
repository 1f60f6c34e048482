"""Conditions that exclude each other are found, and no others."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.rules.compiling import Known, compile_rule
from personalization.rules.contradicting import (
    NOBODY,
    always_holds,
    can_never_hold,
    find_contradictions,
)
from personalization.rules.parsing import parse_rule
from personalization.rules.references import among, inlined

from .drawn_rules import PAIRS, RESOLVE, RULES, SEGMENTS, conditions
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


def sentences(raw: Any) -> list[str]:
    found = [one.sentence for one in find_contradictions(parse_rule(raw)) if one.is_impossible]
    return list(dict.fromkeys(found))


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
    assert sentences(raw) == []


def test_the_conditions_that_clash_are_named_and_no_others() -> None:
    raw = {"all": [country("equals", "France"), bought("less", 9), *NEVER[0]["all"]]}

    assert sentences(raw) == ["“country is France” and “country is Germany” cannot hold together"]


def test_an_idle_part_of_a_rule_that_works_is_named() -> None:
    rule = parse_rule({"any": [bought("greater", 3), {"all": NEVER[0]["all"]}]})

    assert not can_never_hold(rule)
    assert [one.path for one in find_contradictions(rule)] == ["any[1].all[1]"]


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
    [finding] = find_contradictions(rule)
    assert finding.sentence == "“at least 0 purchases in the last 30 days” holds for everybody"
    assert not finding.is_impossible


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


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([bought("at_least", 0)], ["Everybody fulfils this, so nobody is left."]),
        (
            [bought("less", 0), country("is_set", None)],
            ["Nobody can fulfil this, so leaving them out changes nothing."],
        ),
    ],
)
def test_what_is_left_out_is_judged_as_it_reads_at_its_row(members: Any, said: Any) -> None:
    assert [message for _, message in found("none", *members)] == said


def trait(operator: str, value: Any = None, name: str = "country") -> dict[str, Any]:
    return {"fact": "trait", "name": name, "operator": operator, "value": value}


def count(operator: str, value: Any) -> dict[str, Any]:
    return {"fact": "count", "event": "purchase", "operator": operator, "value": value}


def segment(operator: str, value: str = "vip") -> dict[str, Any]:
    return {"fact": "segment", "operator": operator, "value": value}


def found(match: str, *members: Any) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in find_contradictions(parse_rule({match: [*members]}))]


def test_two_countries_at_once_are_found_at_the_second() -> None:
    assert found("all", trait("equals", "Germany"), trait("equals", "France")) == [
        ("all[1]", "Nobody can fulfil this and also: country is Germany.")
    ]


@pytest.mark.parametrize(
    "pair",
    [
        (trait("equals", "Germany"), trait("in", ["France", "Spain"])),
        (trait("in", ["France"]), trait("not_in", [" france "])),
        (trait("equals", "France"), trait("begins", "G")),
        (trait("equals", "France"), trait("matches", "^g")),
        (trait("is_not_set"), trait("not_equals", "France")),
        (trait("equals", True), trait("equals", 1)),
        (trait("greater", 3), trait("less", 3)),
        (trait("greater", 3), trait("between", [1, 3])),
        (trait("greater", 3), trait("contains", "a")),
        (trait("after", "2026-03-01"), trait("before", "2026-03-02")),
        (trait("in_last", 7), trait("not_in_last", 30)),
        (count("greater", 3), count("less", 4)),
        (count("at_least", 3), count("at_most", 2.5)),
        (segment("in_segment"), segment("not_in_segment")),
    ],
)
def test_what_excludes_each_other_is_found_in_all_alone(pair: Any) -> None:
    first, second = pair
    assert [path for path, _ in found("all", first, second)] == ["all[1]"]
    assert [path for path, _ in found("all", first, {"all": [second]})] == ["all[1].all[0]"]
    assert found("all", first, {"any": [second, trait("is_set", name="plan")]}) == []
    assert NOBODY not in str(found("any", first, second))


@pytest.mark.parametrize(
    "pair",
    [
        (trait("equals", "France"), trait("equals", "Gold", "plan")),
        (trait("in", ["France", "Spain"]), trait("not_equals", "France")),
        (trait("greater", 3), trait("less", 3.1)),
        (trait("after", "2026-03-01"), trait("before", "2026-03-03")),
        (trait("in_last", 30), trait("not_in_last", 7)),
        (count("greater", 3), count("less", 5)),
        (segment("in_segment"), segment("not_in_segment", "other")),
        (trait("not_equals", "France"), trait("not_equals", "Spain")),
    ],
)
def test_what_can_hold_together_is_left_alone(pair: Any) -> None:
    assert found("all", *pair) == []


def test_three_may_exclude_what_two_do_not() -> None:
    [(path, message)] = found(
        "all", trait("not_equals", 1), trait("not_equals", 2), trait("in", [1, 2])
    )

    assert path == "all[2]"
    assert message.endswith("country is not 1 and country is not 2.")


@pytest.mark.parametrize(
    "condition",
    [
        count("less", 0),
        count("equals", 1.5),
        {"fact": "percentage", "name": "a", "operator": "at_least", "value": 100},
    ],
)
def test_a_condition_that_nobody_can_fulfil_is_found(condition: Any) -> None:
    assert found("any", condition, trait("is_set")) == [("any[0]", NOBODY)]


@pytest.mark.parametrize("condition", [count("at_least", 0), count("greater", -1)])
def test_a_condition_that_everybody_fulfils_is_found(condition: Any) -> None:
    assert found("all", trait("is_set"), condition) == [
        ("all[1]", "Everybody fulfils this, so it changes nothing.")
    ]


@pytest.mark.parametrize(
    "pair",
    [
        (trait("is_set"), trait("is_not_set")),
        (count("less", 3), count("at_least", 2)),
        (segment("in_segment"), segment("not_in_segment")),
    ],
)
def test_alternatives_that_leave_nobody_out_are_found(pair: Any) -> None:
    [(path, message)] = found("any", *pair)

    assert path == "any[1]"
    assert message.startswith("Everybody fulfils this or: ")


RANDOM = Random(11)
PEOPLE = [Known(some_facts(RANDOM), {}, NOW, profile_id=number) for number in range(60)]
ONE_FACT = st.sampled_from(PAIRS).flatmap(
    lambda pair: st.lists(conditions(pair), min_size=1, max_size=1)
)
SAME_TRAIT = st.lists(
    st.sampled_from([pair for pair in PAIRS if pair[0] == "trait"])
    .flatmap(conditions)
    .map(lambda one: {**one, "name": "country"}),
    min_size=2,
    max_size=3,
)


@given(members=ONE_FACT | SAME_TRAIT)
@settings(max_examples=400, deadline=None)
def test_nobody_means_nobody_and_everybody_everybody(members: Any) -> None:
    rule = parse_rule({"all": members})
    matches = compile_rule(rule, resolve=RESOLVE).matches
    holding = sum(map(matches, PEOPLE))

    for finding in find_contradictions(rule):
        if finding.message.startswith("Nobody"):
            assert holding == 0
        elif len(members) == 1:
            assert holding == len(PEOPLE)
