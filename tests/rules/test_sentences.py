"""Sentences read as a marketer would say them."""

from typing import Any

import pytest

from personalization.rules.parsing import parse_rule
from personalization.rules.sentences import rule_sentence

MONEY = {"event": "purchase", "days": 30, "operator": "greater"}
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


def test_groups_within_groups_are_bracketed() -> None:
    def known(name: str) -> dict[str, Any]:
        return {"fact": "trait", "name": name, "operator": "is_set"}

    rule = {"all": [known("plan"), {"any": [known("age"), {"none": [known("country")]}]}]}

    sentence = rule_sentence(parse_rule(rule))

    assert sentence == "Plan is known and (age is known or (not country is known))."
