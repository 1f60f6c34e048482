"""Schemas say which field is wrong and what to do, and are refused when they cannot be used."""

from typing import Any

import pytest

from personalization.events.schema_checking import SchemaRefused, compile_schema, described_fields


def of_properties(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"properties": {"type": "object", **fields}}}


def event(**properties: Any) -> dict[str, Any]:
    return {"properties": properties, "context": {}, "traits": {}}


@pytest.mark.parametrize(
    ("fields", "properties", "field", "advice"),
    [
        ({"properties": {"price": {"type": "number"}}}, {"price": "x"}, "price", "Use a number."),
        (
            {"properties": {"n": {"type": ["string", "null"]}}},
            {"n": 1},
            "n",
            "a text or null|null or a text",
        ),
        ({"required": ["item_id"]}, {}, "item_id", "This is missing."),
        ({"properties": {"n": {"minimum": 3}}}, {"n": 2}, "n", "Use 3 or more."),
        ({"properties": {"n": {"exclusiveMaximum": 3}}}, {"n": 3}, "n", "Use less than 3."),
        ({"properties": {"t": {"maxLength": 2}}}, {"t": "abc"}, "t", "Use at most 2 characters."),
        ({"properties": {"t": {"enum": ["a", "b"]}}}, {"t": "c"}, "t", 'Use one of "a", "b".'),
        ({"properties": {"t": {"pattern": "^[A-Z]+$"}}}, {"t": "c"}, "t", "matches"),
        ({"properties": {"t": {"format": "date-time"}}}, {"t": "c"}, "t", "the format date-time"),
        ({"properties": {"t": {}}, "additionalProperties": False}, {"u": 1}, "u", "no such field"),
        (
            {"properties": {"t": {"items": {"type": "string"}}}},
            {"t": ["a", 1]},
            "t[1]",
            "Use a text.",
        ),
        ({"properties": {"t": {"not": {"type": "string"}}}}, {"t": "c"}, "t", "does not fit"),
    ],
)
def test_an_objection_names_the_field_and_what_to_do(
    fields: dict[str, Any], properties: dict[str, Any], field: str, advice: str
) -> None:
    objection = compile_schema(of_properties(**fields)).objection(event(**properties))

    assert objection
    assert objection.field == f"properties.{field}"
    assert any(part in objection.message for part in advice.split("|"))


def test_an_objection_never_repeats_what_was_sent() -> None:
    check = compile_schema(of_properties(properties={"n": {"type": "number"}}))

    objection = check.objection(event(n="anna@example.com"))

    assert objection
    assert "anna" not in objection.message


def test_what_fits_passes() -> None:
    check = compile_schema(of_properties(properties={"n": {"type": "number"}}, required=["n"]))

    assert check.objection(event(n=1)) is None


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ([], ""),
        (
            of_properties(properties={"a": {"type": "nummer"}}),
            "properties.properties.properties.a.type",
        ),
        (
            of_properties(properties={"a": {"minimum": "x"}}),
            "properties.properties.properties.a.minimum",
        ),
        (
            of_properties(properties={"a": {"pattern": "("}}),
            "properties.properties.properties.a.pattern",
        ),
        (
            of_properties(properties={"a": {"pattern": "(?=a)b"}}),
            "properties.properties.properties.a.pattern",
        ),
        ({"properties": {"price": {}}}, "properties.price"),
        ({"$ref": "#/nowhere"}, ""),
        ({"description": "x" * 70_000}, ""),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_at_its_place(schema: Any, path: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        compile_schema(schema)

    assert refused.value.path == path
    assert refused.value.message


def test_nothing_is_fetched_from_elsewhere() -> None:
    with pytest.raises(SchemaRefused, match="not fetched from elsewhere"):
        compile_schema({"$ref": "http://127.0.0.1:9/schema.json"})


def test_a_schema_names_the_fields_it_describes() -> None:
    schema = of_properties(properties={"a": {}, "b": {}})
    schema["properties"]["context"] = {"properties": {"page": {}}}

    assert described_fields(schema) == [
        ("properties", "a"),
        ("properties", "b"),
        ("context", "page"),
    ]
