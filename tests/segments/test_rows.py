"""A rule survives the way through the form and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.segments.rows import condition_of, rows_of, shown_value
from personalization.segments.rules import parse_rule

TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
STRIPPED = TEXT.map(str.strip).filter(bool).filter(str.isprintable)
SCALARS = STRIPPED | st.booleans() | st.integers(-(10**9), 10**9) | st.sampled_from([0.5, -1.25])


def through_the_form(condition: dict[str, Any]) -> dict[str, Any]:
    shown = rows_of({"all": [condition]})
    assert shown is not None
    [row] = shown[1]
    return condition_of({**row, "days": int(row["days"]) if row["days"] else None})


@given(value=SCALARS | st.lists(SCALARS, min_size=1, max_size=4))
def test_every_value_of_a_trait_comes_back_as_it_was(value: Any) -> None:
    operator = "in" if isinstance(value, list) else "equals"
    condition = {"fact": "trait", "name": "plan", "operator": operator, "value": value}

    assert through_the_form(condition) == condition


@pytest.mark.parametrize(
    "condition",
    [
        {
            "fact": "count",
            "event": "purchase",
            "category": None,
            "days": 30,
            "operator": "greater",
            "value": 3,
        },
        {
            "fact": "sum",
            "event": "purchase",
            "category": "mugs",
            "days": None,
            "operator": "at_least",
            "value": 9.5,
        },
        {
            "fact": "average",
            "event": "purchase",
            "days": 9,
            "operator": "between",
            "value": [-1, 2.5],
        },
        {"fact": "percentage", "name": "spring", "operator": "less", "value": 20},
        {"fact": "segment", "operator": "not_in_segment", "value": "42"},
        {"fact": "first", "event": "purchase", "operator": "before", "value": "2026-03-01"},
        {"fact": "trait", "name": "birthday", "operator": "not_in_last", "value": 30},
        {"fact": "days_since", "event": "purchase", "operator": "is_set"},
        {"fact": "context", "name": "campaign", "operator": "equals", "value": "2024"},
        {"fact": "context", "name": "weekday", "operator": "in", "value": [5, 6]},
    ],
)
def test_every_kind_of_fact_comes_back_as_it_was(condition: dict[str, Any]) -> None:
    parse_rule({"all": [condition]})

    assert through_the_form(condition) == condition


def test_a_blank_after_a_comma_does_not_break_a_list() -> None:
    row = {"fact": "trait:country", "operator": "in", "value": "France,  Germany ,,Spain,"}

    assert condition_of(row)["value"] == ["France", "Germany", "Spain"]


def test_groups_in_groups_are_left_to_the_json_field() -> None:
    condition = {"fact": "trait", "name": "plan", "operator": "is_set"}

    assert rows_of({"all": [condition, {"any": [condition]}]}) is None


def test_texts_that_look_like_numbers_are_shown_in_quotes() -> None:
    assert shown_value("42") == '"42"'
    assert shown_value(["a,b", "true", 3]) == '"a,b", "true", 3'
