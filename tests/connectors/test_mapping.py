"""A mapping that cannot be used says where and why."""

from typing import Any

import pytest

from personalization.connectors.converting import Column, ValueRefused
from personalization.connectors.mapping import MappingError, read_mapping

LEAST = 'key = "id"\n[identifiers]\ncrm = "id"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key = ", "not TOML"),
        ('[identifiers]\ncrm = "id"', "key: Name the column"),
        ('key = "id"', "identifiers: Name a column"),
        (f'colour = "x"\n{LEAST}', "colour: There is no such entry"),
        (f'source = "Our CRM"\n{LEAST}', "source: Use at most 16"),
        (f'{LEAST}[traits]\nPlan = "x"', "traits.Plan: Use small letters"),
        (f"{LEAST}[traits]\nplan = 7", "traits.plan: Name a column"),
        (f'{LEAST}[traits]\nplan = {{ column = "x", constant = 1 }}', "either column or constant"),
        (f'{LEAST}[traits]\nplan = {{ column = "x", as = "money" }}', "traits.plan.as: Use one of"),
        (f'{LEAST}[traits]\nplan = {{ column = "x", decimal = ";" }}', "traits.plan.decimal"),
        (f'{LEAST}[traits]\nplan = {{ column = "x", values = {{ a = [] }} }}', "plan.values.a"),
        (f'{LEAST}[consent]\nspam = "x"', "consent.spam: There is no such entry"),
        (f'{LEAST}[properties]\nsku = "x"', "properties: Properties need an event"),
        (f"{LEAST}[enrichment]\nexpires_after_days = 3", "enrichment.basis: Say under which"),
        (f'{LEAST}[enrichment]\nbasis = "x"\nexpires_after_days = 0', "whole number of days"),
        (f"traits = 3\n{LEAST}", "traits: Use a table"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, told: str) -> None:
    with pytest.raises(MappingError, match=told.replace(".", r"\.")):
        read_mapping(text)


def test_the_columns_are_those_that_are_read() -> None:
    mapping = read_mapping(f'changed_at = "at"\n{LEAST}[traits]\nplan = "plan"\nnew = "id"')

    assert mapping.columns == ("id", "at", "plan")


@pytest.mark.parametrize(
    ("column", "stated", "read"),
    [
        (Column("x"), " a ", "a"),
        (Column("x"), ["a", "b"], "a, b"),
        (Column("x"), "  ", None),
        (Column("X"), "a", "a"),
        (Column("x.y.z"), {"y": {"z": 3}}, 3),
        (Column("x", kind="text"), 7, "7"),
        (Column("x", kind="number"), "1 234.5", 1234.5),
        (Column("x", kind="number"), "12", 12),
        (Column("x", kind="number", decimal=","), "1.234,5", 1234.5),
        (Column("x", kind="boolean"), "Y", True),
        (Column("x", kind="boolean"), 0, False),
        (Column("x", kind="date"), "2026-03-01T10:00:00.000+0000", "2026-03-01"),
        (Column("x", kind="time", format="%d/%m/%y"), "01/03/26", "2026-03-01T00:00:00+00:00"),
        (Column("x", values={"a": "b", "*": "other"}), "z", "other"),
        (Column("x", values={"true": "yes"}), True, "yes"),
        (Column(constant=False), "a", False),
    ],
)
def test_a_value_is_read_as_the_mapping_says(column: Column, stated: Any, read: Any) -> None:
    assert column.read({"x": stated}) == read


@pytest.mark.parametrize(
    ("column", "stated"),
    [
        (Column("x"), {"a": 1}),
        (Column("x", kind="number"), "1_000"),
        (Column("x", kind="boolean"), "maybe"),
        (Column("x", kind="date"), "01.03.2026"),
        (Column("x", values={"a": "b"}), "c"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(column: Column, stated: Any) -> None:
    with pytest.raises(ValueRefused):
        column.read({"x": stated})
