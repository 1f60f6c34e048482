"""Rules judge what is known of a visitor."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from personalization.profiles.facts import Facts, Happening, empty_facts, remember
from personalization.segments.compiling import CompiledRule, Known, compile_rule
from personalization.segments.rules import parse_rule

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HIGH_VALUE = {
    "fact": "count",
    "event": "purchase",
    "days": 30,
    "operator": "greater",
    "value": 3,
}


def compiled(*conditions: dict[str, Any], match: str = "all") -> CompiledRule:
    return compile_rule(parse_rule({match: list(conditions)}))


def trait(operator: str, value: Any = None, name: str = "country") -> dict[str, Any]:
    condition = {"fact": "trait", "name": name, "operator": operator}
    return condition if value is None else {**condition, "value": value}


def buyer(*, purchases: int, days_ago: int = 1, **traits: Any) -> Facts:
    facts = empty_facts()
    facts["traits"].update(traits)
    for _ in range(purchases):
        at = NOON - timedelta(days=days_ago)
        remember(facts, Happening("purchase", at, category="lanterns", value=40))
    return facts


def known(facts: Facts | None = None, **context: Any) -> Known:
    return Known(facts=empty_facts() if facts is None else facts, context=context, now=NOON)


def test_three_purchases_a_month_are_not_high_value() -> None:
    verdict = compiled(HIGH_VALUE).judge(known(buyer(purchases=3))).members[0]

    assert not verdict.holds
    assert verdict.actual == 3
    assert verdict.shortfall == 1
    assert verdict.sentence == "more than 3 purchases in the last 30 days"


def test_four_purchases_a_month_are_high_value() -> None:
    assert compiled(HIGH_VALUE).matches(known(buyer(purchases=4)))


def test_a_window_includes_today_and_the_days_before() -> None:
    rule = compiled({**HIGH_VALUE, "days": 2, "operator": "at_least", "value": 1})

    assert rule.matches(known(buyer(purchases=1, days_ago=1)))
    assert not rule.matches(known(buyer(purchases=1, days_ago=2)))


def test_nothing_known_counts_as_no_events() -> None:
    rule = compiled({**HIGH_VALUE, "operator": "equals", "value": 0})

    assert rule.matches(known({}))


@pytest.mark.parametrize(
    "operator",
    ["equals", "not_equals", "greater", "at_least", "less", "at_most", "is_set"],
)
def test_a_missing_fact_never_matches(operator: str) -> None:
    value = None if operator == "is_set" else 1

    assert not compiled(trait(operator, value)).matches(known())


def test_only_is_not_set_matches_a_missing_fact() -> None:
    assert compiled(trait("is_not_set")).matches(known())
    assert not compiled(trait("is_not_set")).matches(known(buyer(purchases=0, country="France")))


def test_a_blank_trait_is_missing() -> None:
    assert compiled(trait("is_not_set")).matches(known(buyer(purchases=0, country="  ")))


@pytest.mark.parametrize("actual", ["France", " france ", "FRANCE"])
def test_texts_are_compared_without_case_and_blanks(actual: str) -> None:
    visitor = known(buyer(purchases=0, country=actual))

    assert compiled(trait("equals", "France")).matches(visitor)
    assert compiled(trait("in", ["Germany ", " FRANCE"])).matches(visitor)
    assert compiled(trait("contains", "RAN")).matches(visitor)
    assert compiled(trait("begins", "fr")).matches(visitor)
    assert not compiled(trait("not_in", ["france"])).matches(visitor)


def test_true_is_not_one() -> None:
    member = known(buyer(purchases=0, member=True))

    assert compiled(trait("equals", True, "member")).matches(member)
    assert not compiled(trait("equals", 1, "member")).matches(member)
    assert not compiled(trait("at_least", 1, "member")).matches(member)


def test_a_text_is_not_a_number() -> None:
    visitor = known(buyer(purchases=0, age="42"))

    assert not compiled(trait("greater", 40, "age")).matches(visitor)
    assert compiled(trait("not_equals", 42, "age")).matches(visitor)


def test_none_holds_when_no_member_holds() -> None:
    rule = compiled(HIGH_VALUE, trait("equals", "France"), match="none")

    assert rule.matches(known())
    assert not rule.matches(known(buyer(purchases=1, country="France")))


def test_context_is_read_from_the_visit_alone() -> None:
    rule = compiled(
        {"fact": "context", "name": "device", "operator": "equals", "value": "mobile"},
        {"fact": "context", "name": "hour", "operator": "less", "value": 12},
    )

    assert rule.matches(known(device="mobile", hour=9))
    assert not rule.matches(known(device="mobile"))
    assert not rule.reads_profile


def test_a_rule_with_one_trait_reads_the_profile() -> None:
    assert compiled(trait("is_set")).reads_profile


@pytest.mark.parametrize(
    ("condition", "shortfall"),
    [
        ({"fact": "sum", "event": "purchase", "operator": "at_least", "value": 150}, 30),
        ({"fact": "sum", "event": "purchase", "operator": "greater", "value": 120}, 0.01),
        ({"fact": "days_since", "event": "purchase", "operator": "less", "value": 1}, 1),
        ({"fact": "days_since", "event": "refund", "operator": "less", "value": 1}, None),
        (trait("equals", "Spain"), None),
    ],
)
def test_a_near_miss_says_how_near(condition: dict[str, Any], shortfall: float | None) -> None:
    verdict = compiled(condition).judge(known(buyer(purchases=3, country="France")))

    assert not verdict.holds
    assert verdict.members[0].shortfall == shortfall


def test_every_condition_is_judged_even_after_the_answer_is_clear() -> None:
    verdict = compiled(HIGH_VALUE, trait("equals", "France")).judge(
        known(buyer(purchases=0, country="France"))
    )

    assert [member.holds for member in verdict.members] == [False, True]


def test_a_category_is_counted_apart() -> None:
    rule = compiled({**HIGH_VALUE, "category": "lanterns"})

    assert rule.matches(known(buyer(purchases=4)))
    assert not compiled({**HIGH_VALUE, "category": "mugs"}).matches(known(buyer(purchases=4)))
