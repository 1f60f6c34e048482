"""What nobody or everybody fulfils is found in the rule itself."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.rules.compiling import Known, compile_rule
from personalization.rules.contradictions import NOBODY, find_contradictions
from personalization.rules.parsing import parse_rule

from .drawn_rules import PAIRS, RESOLVE, conditions
from .population import NOW, some_facts


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
