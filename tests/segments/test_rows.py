"""A rule survives the way through the form and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.rules.parsing import parse_rule
from personalization.segments.rows import (
    blamed_field,
    condition_of,
    parents,
    rows_of,
    shown_fields,
    shown_value,
)

TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
STRIPPED = TEXT.map(str.strip).filter(bool).filter(str.isprintable)
SCALARS = STRIPPED | st.booleans() | st.integers(-(10**9), 10**9) | st.sampled_from([0.5, -1.25])


def through_the_form(condition: dict[str, Any]) -> dict[str, Any]:
    shown = rows_of({"all": [condition]})
    assert shown is not None
    [row] = shown[1]
    whole = {name: int(row[name]) for name in ("days", "minutes") if row[name]}
    return condition_of({**row, **whole})


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
        {"fact": "location", "operator": "within_km", "value": [51.5, -0.12, 25]},
        {
            "fact": "context",
            "name": "time",
            "operator": "between_times",
            "value": ["22:00", "06:00"],
        },
        {"fact": "consent", "name": "training", "operator": "granted"},
        {"fact": "session", "name": "minutes", "operator": "greater", "value": 5},
        {"fact": "lifecycle", "operator": "in", "value": ["new", "lapsed"]},
        {"fact": "trait", "name": "likes", "operator": "has_some", "value": ["a; b", "tea"]},
        {
            "fact": "sequence",
            "event": "add_to_cart",
            "category": None,
            "then": "purchase",
            "then_category": "mugs",
            "minutes": 60,
            "days": 30,
            "operator": "not_followed",
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
    row = {"fact": "trait:country", "operator": "in", "values": "France,  Germany ,,Spain,"}

    assert condition_of(row)["value"] == ["France", "Germany", "Spain"]


@pytest.mark.parametrize(
    "pasted",
    [
        "France\nGermany\r\nSpain\n",
        "France\tGermany\tSpain",
        "France; Germany ;\nSpain",
        '"France",\n"Germany"\n\n\n Spain',
    ],
)
def test_a_list_pasted_from_a_spreadsheet_is_read(pasted: str) -> None:
    row = {"fact": "trait:country", "operator": "in", "values": pasted}

    assert condition_of(row)["value"] == ["France", "Germany", "Spain"]


def test_a_quoted_value_keeps_what_separates_others() -> None:
    row = {"fact": "trait:plan", "operator": "in", "values": '"a, b"; "say ""hi"""\n"42", 42'}

    assert condition_of(row)["value"] == ["a, b", 'say "hi"', "42", 42]


def test_groups_in_groups_come_back_as_they_were() -> None:
    plan = {"fact": "trait", "name": "plan", "operator": "is_set"}
    raw = {"all": [plan, {"any": [plan, {"none": [plan]}]}, plan]}

    shown = rows_of(raw)

    assert shown is not None
    assert [(row["group"], row["depth"]) for row in shown[1]] == [
        ("", "0"),
        ("any", "0"),
        ("", "1"),
        ("none", "1"),
        ("", "2"),
        ("", "0"),
    ]
    assert parents(shown[1]) == [None, None, 1, 1, 3, None]


def test_a_row_deeper_than_it_can_be_belongs_to_the_nearest_group() -> None:
    rows = [{"group": "", "depth": "4"}, {"group": "any", "depth": "x"}, {"depth": "9"}]

    assert parents(rows) == [None, None, 1]


@pytest.mark.parametrize("raw", [{"all": ["x"]}, {"all": [], "any": []}, {"every": []}, [1]])
def test_what_is_no_rule_is_left_to_the_json_field(raw: Any) -> None:
    assert rows_of(raw) is None


@pytest.mark.parametrize(
    ("fact", "operator", "fields"),
    [
        ("", "", {"fact"}),
        ("trait:country", "in", {"fact", "operator", "values"}),
        ("trait:", "is_set", {"fact", "name", "operator"}),
        ("location", "within_km", {"fact", "operator", "latitude", "longitude", "km"}),
        ("context:time", "between_times", {"fact", "operator", "low", "high"}),
        ("consent:training", "granted", {"fact", "operator"}),
        ("score", "between", {"fact", "name", "operator", "low", "high"}),
    ],
)
def test_a_row_shows_what_its_fact_and_operator_ask_for(
    fact: str, operator: str, fields: set[str]
) -> None:
    assert shown_fields(fact, operator) == fields


def test_an_error_is_shown_where_the_value_was_typed() -> None:
    assert blamed_field("value[1]", "between") == "high"
    assert blamed_field("value[2]", "within_km") == "km"
    assert blamed_field("value[7]", "in") == "values"
    assert blamed_field("value", "equals") == "value"
    assert blamed_field("days", "equals") == "days"


def test_texts_that_look_like_numbers_are_shown_in_quotes() -> None:
    assert shown_value("42") == '"42"'
    assert shown_value(["a,b", "true", 3]) == '"a,b", "true", 3'
