"""Sentences read as a marketer would say them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from personalization.profiles.lifecycle import STAGES
from personalization.rules.normalising import normalised
from personalization.rules.parsing import parse_condition, parse_rule
from personalization.rules.quoting import WORDS as WORDS_QUOTED
from personalization.rules.quoting import shown
from personalization.rules.sentences import AMOUNTS, JOINERS, PHRASES, rule_sentence
from personalization.rules.tree import Condition, Fact, Group, Rule, RuleError
from personalization.rules.vocabulary import (
    CONTEXT_NUMBERS,
    CONTEXT_TEXTS,
    MATCHES,
    NAMES_OF,
    OPERATORS_OF,
    PARAMETERS,
    PRESENCE,
    VALUE_KINDS,
)

MONEY = {"event": "purchase", "days": 30, "operator": "greater"}
TAGS = {"fact": "trait", "name": "tags"}
COUNT = {"fact": "count", "event": "purchase"}


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            {**COUNT, "days": 30, "operator": "greater", "value": 3},
            "More than 3 purchases in the last 30 days.",
        ),
        (
            {**COUNT, "category": "mugs", "days": 1, "operator": "at_least", "value": 1},
            "At least 1 purchase in mugs today.",
        ),
        ({**COUNT, "operator": "equals", "value": 0}, "Has never purchased."),
        (
            {**TAGS, "operator": "has_all", "value": ["vip", "gold"]},
            "Tags has all of vip and gold.",
        ),
        (
            {**TAGS, "operator": "has_all", "value": ["vip", "gold", "tea and milk"]},
            "Tags has all of vip, gold and “tea and milk”.",
        ),
        ({**TAGS, "operator": "has_some", "value": ["vip", "gold"]}, "Tags has vip or gold."),
        ({**TAGS, "operator": "has_none", "value": ["a", "b"]}, "Tags has none of “a” or b."),
        (
            {**COUNT, "category": "mugs", "days": 30, "operator": "equals", "value": 0},
            "Has not purchased in mugs in the last 30 days.",
        ),
        (
            {**COUNT, "days": 30, "operator": "between", "value": [3, 5]},
            "Between 3 and 5 purchases in the last 30 days.",
        ),
        (
            {**MONEY, "fact": "sum", "category": "mugs", "value": 50},
            "Purchases in mugs worth more than 50 in all in the last 30 days.",
        ),
        (
            {"fact": "percentage", "name": "spring", "operator": "less", "value": 12.5},
            "Among the first 12.5 % of profiles, as drawn for “spring”.",
        ),
        (
            {"fact": "segment", "operator": "not_in_segment", "value": "high-value"},
            "Not in the segment “high-value”.",
        ),
        (
            {"fact": "trait", "name": "postcode", "operator": "matches", "value": "^75"},
            "Postcode matches “^75”.",
        ),
        (
            {**MONEY, "fact": "average", "value": 150},
            "Average purchase worth more than 150 in the last 30 days.",
        ),
        (
            {**MONEY, "fact": "minimum", "operator": "between", "value": [1, 2]},
            "Smallest purchase worth between 1 and 2 in the last 30 days.",
        ),
        (
            {"fact": "maximum", "event": "purchase", "operator": "is_set"},
            "At least one purchase with a price.",
        ),
        (
            {"fact": "trait", "name": "age", "operator": "between", "value": [18, 30.5]},
            "Age is between 18 and 30.5.",
        ),
        (
            {"fact": "trait", "name": "renews_on", "operator": "before", "value": "2026-03-01"},
            "Renews on is before 1 March 2026.",
        ),
        (
            {"fact": "trait", "name": "birthday", "operator": "in_last", "value": 1},
            "Birthday is today.",
        ),
        (
            {"fact": "first", "event": "purchase", "operator": "after", "value": "2026-01-31"},
            "First purchase after 31 January 2026.",
        ),
        (
            {"fact": "last", "event": "item_view", "operator": "not_in_last", "value": 7},
            "Latest item view not in the last 7 days.",
        ),
        (
            {**COUNT, "event": "wish_list", "operator": "less", "value": 2},
            "Fewer than 2 “wish list” events.",
        ),
        (
            {"fact": "sum", "event": "purchase", "days": 90, "operator": "at_least", "value": 1500},
            "Purchases worth at least 1,500 in all in the last 90 days.",
        ),
        (
            {"fact": "days_since", "event": "purchase", "operator": "greater", "value": 30},
            "Latest purchase more than 30 days ago.",
        ),
        (
            {"fact": "days_since", "event": "purchase", "operator": "is_not_set"},
            "No purchase ever.",
        ),
        (
            {"fact": "trait", "name": "country", "operator": "in", "value": ["France", "Spain"]},
            "Country is France or Spain.",
        ),
        (
            {"fact": "trait", "name": "postcode", "operator": "equals", "value": "75001"},
            "Postcode is “75001”.",
        ),
        (
            {"fact": "context", "name": "weekday", "operator": "in", "value": [5, 6]},
            "Day of the week is Saturday or Sunday.",
        ),
    ],
)
def test_a_condition_reads_well(condition: dict[str, Any], sentence: str) -> None:
    assert rule_sentence(parse_rule({"all": [condition]})) == sentence


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0.004, "0.004"),
        (0.123, "0.123"),
        (1e-9, "0.000000001"),
        (1_234_567.5, "1,234,567.5"),
        (1e11, "100,000,000,000"),
        (42.0, "42"),
        (-0.0, "0"),
        (-3, "-3"),
        (1_500, "1,500"),
    ],
)
def test_a_number_is_written_out_as_it_is(number: float, said: str) -> None:
    assert shown(number) == said


NAMES = ["country", "first_order", "first order", "First_order", "device", "score_x", "x", "is_x"]
WORDS = ["x", "X y", "not x", "x or y", "known", "x”, “y", "“x”", "12", "1,2", "today", "true"]
MOMENTS = ["2026-03-01", "2026-03-02"]
POOLS: dict[str, list[Any]] = {
    "event": ["purchase", "x", "x_y", "x y", "x” event"],
    "category": [None, "mugs", "x in the last 3 days", "this visit"],
    "days": [None, 1, 3, 30],
    "name": NAMES,
    "of": ["items", "categories"],
    "then": ["purchase", "x_y", "x y"],
    "then_category": [None, "mugs"],
    "minutes": [1, 60, 90, 1_440],
}
NUMBERS = [0, 1, 3, 0.004, 0.0041, 0.123, 0.125, 12, 1_234.5, 1_234.56, -1]
MEANT = {**NAMES_OF, "consent": ("training", "x y")}


def drawn_value(random: Random, fact: str, name: Any, operator: str) -> Any:
    scalars: list[Any] = NUMBERS
    if fact in ("trait", "persona", "lifecycle"):
        scalars = list(STAGES) if fact == "lifecycle" else WORDS
        scalars = [*scalars, True, False, *NUMBERS] if fact == "trait" else scalars
    if fact == "context":
        scalars = [*(CONTEXT_TEXTS.get(name) or CONTEXT_NUMBERS.get(name) or WORDS)]
    drawn: dict[str, list[Any]] = {
        "none": [None],
        "scalar": scalars,
        "number": NUMBERS,
        "range": [sorted(random.choices(NUMBERS, k=2))],
        "list": [random.choices(scalars, k=random.randrange(1, 3))],
        "text": WORDS,
        "pattern": ["x", "^x", "x”"],
        "date": MOMENTS,
        "days": [1, 3, 30],
        "segment": WORDS,
        "times": [["09:00", "10:00"], ["10:00", "09:00"]],
        "circle": [[random.choice([1, 1.25]), random.choice([1, 1.255]), 0.1]],
    }
    return random.choice(drawn[VALUE_KINDS[operator]])


def drawn_conditions(random: Random) -> Iterator[Condition]:
    for fact, parameters in PARAMETERS.items():
        for operator in OPERATORS_OF[fact] * 80:
            stated = {name: random.choice(POOLS[name]) for name in parameters}
            if fact in MEANT:
                stated["name"] = random.choice(MEANT[fact])
            value = drawn_value(random, fact, stated.get("name"), operator)
            with suppress(RuleError):  # such as a range of times of a country
                yield parse_condition(
                    {"fact": fact, **stated, "operator": operator, "value": value}
                )


def meaning(rule: Rule) -> Any:
    """Return what rules share that say the same.

    Whether there ever was one, or one with a price, may be asked by several facts.
    """
    [[condition]] = [rule.members] if len(rule.members) == 1 else [[None]]
    if isinstance(condition, Condition) and condition.operator in PRESENCE:
        for facts in ({"days_since", "first", "last"}, {"average", "minimum", "maximum"}):
            if condition.fact.kind in facts:
                fact = replace(condition.fact, kind=min(facts))
                return normalised(Group(rule.match, (replace(condition, fact=fact),)))
    return normalised(rule)


@pytest.mark.parametrize("seed", range(5))
def test_conditions_that_differ_read_otherwise(seed: int) -> None:
    said: dict[str, Rule] = {}
    for condition in drawn_conditions(Random(seed)):
        rule = Group("all", (condition,))
        other = said.setdefault(rule_sentence(rule), rule)
        assert meaning(other) == meaning(rule), rule_sentence(rule)
    assert len(said) > 3_000


def test_groups_that_differ_read_otherwise() -> None:
    random = Random(7)
    alone = [
        Condition(Fact("trait", name), operator, value)
        for name in ("a", "b")
        for operator, value in (("equals", "x"), ("between", (1, 2)), ("in", ("x", "y and b is x")))
    ]

    def group(depth: int) -> Group:
        members = (
            group(depth - 1) if depth and random.random() < 0.5 else random.choice(alone)
            for _ in range(random.randrange(1, 3))
        )
        return Group(random.choice(MATCHES), tuple(members))

    said: dict[str, Rule] = {}
    for _ in range(20_000):
        rule = group(2)
        other = said.setdefault(rule_sentence(rule), rule)
        assert normalised(other) == normalised(rule), rule_sentence(rule)
    assert len(said) > 5_000


def test_every_word_of_sentences_is_known_to_those_who_quote() -> None:
    made = " ".join([*PHRASES.values(), *AMOUNTS.values(), *JOINERS.values()]).replace("{}", "")

    assert {word for word in made.lower().split() if word.isalpha()} <= WORDS_QUOTED


def test_groups_within_groups_are_bracketed() -> None:
    def known(name: str) -> dict[str, Any]:
        return {"fact": "trait", "name": name, "operator": "is_set"}

    rule = {"all": [known("plan"), {"any": [known("age"), {"none": [known("country")]}]}]}

    sentence = rule_sentence(parse_rule(rule))

    assert sentence == "Plan is known and (age is known or (not country is known))."
