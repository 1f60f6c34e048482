"""Rules judge what is known of a visitor."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from personalization.profiles.facts import Facts, empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.rules.compiling import CompiledRule, Known, compile_rule
from personalization.rules.parsing import parse_rule

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


def ratio(operator: str, value: Any) -> dict[str, Any]:
    return trait(operator, value, name="ratio")


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
        (ratio("at_least", 0.8), 0.003),
        (ratio("at_least", 0.79700001), 0.00000001),
        (ratio("greater", 0.797), 0),
        (ratio("between", [0.8, 1]), 0.003),
        (ratio("at_most", 0.1), 0.7),
        (ratio("at_least", 100), 99.2),
    ],
)
def test_a_near_miss_says_how_near(condition: dict[str, Any], shortfall: float | None) -> None:
    verdict = compiled(condition).judge(known(buyer(purchases=3, country="France", ratio=0.797)))

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


def test_three_lanterns_worth_over_fifty_in_a_month() -> None:
    window = {"event": "purchase", "category": "lanterns", "days": 30}
    rule = compiled(
        {**window, "fact": "count", "operator": "at_least", "value": 3},
        {**window, "fact": "sum", "operator": "greater", "value": 50},
    )

    assert rule.matches(known(buyer(purchases=3)))
    assert not rule.matches(known(buyer(purchases=2)))
    assert not rule.matches(known(buyer(purchases=3, days_ago=30)))


@pytest.mark.parametrize(("kind", "money"), [("average", 20), ("minimum", 5), ("maximum", 45)])
def test_a_window_has_an_average_and_extremes(kind: str, money: float) -> None:
    facts = buyer(purchases=0)
    for day, value in enumerate([5, 10, 45, 9_000]):
        remember(facts, Happening("purchase", NOON - timedelta(days=day), value=value))
    rule = {"fact": kind, "event": "purchase", "days": 3, "operator": "equals", "value": money}

    assert compiled(rule).matches(known(facts))


def test_an_average_of_events_without_a_price_is_missing() -> None:
    facts = buyer(purchases=0)
    remember(facts, Happening("item_view", NOON))
    rule = {"fact": "average", "event": "item_view", "operator": "at_most", "value": 9}

    assert not compiled(rule).matches(known(facts))


@pytest.mark.parametrize(("days_ago", "is_within"), [(0, True), (6, True), (7, False), (-1, False)])
def test_a_date_in_the_last_days_counts_today_and_nothing_to_come(
    days_ago: int, is_within: bool
) -> None:
    date = (NOON - timedelta(days=days_ago)).date().isoformat()
    visitor = known(buyer(purchases=0, joined=date))

    assert compiled(trait("in_last", 7, "joined")).matches(visitor) is is_within
    assert compiled(trait("not_in_last", 7, "joined")).matches(visitor) is not is_within


@pytest.mark.parametrize("operator", ["in_last", "not_in_last", "before", "after"])
@pytest.mark.parametrize("actual", ["soon", "2026-13-01", "2026-03-01x", 20260301])
def test_what_is_no_date_never_matches_one(operator: str, actual: Any) -> None:
    value = 7 if "last" in operator else "2026-03-05"
    visitor = known(buyer(purchases=0, joined=actual))

    assert not compiled(trait(operator, value, "joined")).matches(visitor)


def test_a_share_is_drawn_by_lot_and_stays() -> None:
    def share(name: str) -> set[int]:
        rule = compiled({"fact": "percentage", "name": name, "operator": "less", "value": 20})
        people = (Known(empty_facts(), {}, NOON, profile_id=one) for one in range(2_000))
        return {one.profile_id for one in people if rule.matches(one) and one.profile_id}

    assert 340 < len(share("spring")) < 460
    assert share("spring") == share("spring")
    assert 40 < len(share("spring") & share("autumn")) < 130


def test_one_without_a_profile_is_in_no_share() -> None:
    for operator in ("less", "at_least"):
        rule = {"fact": "percentage", "name": "spring", "operator": operator, "value": 50}
        assert not compiled(rule).matches(known())
