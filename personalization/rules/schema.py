"""The rule language as a JSON Schema, made from its tables, for systems that write rules."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalization.rules.vocabulary import (
    AMOUNTS_ONLY,
    DISTINCT_OF,
    MATCHES,
    MAX_CONDITIONS,
    MAX_DAYS,
    MAX_KM,
    MAX_MINUTES,
    MAX_NUMBER,
    MAX_TEXT,
    MAX_VALUES,
    NAMES_OF,
    OPERATORS_OF,
    PARAMETERS,
    TEXTS_ONLY,
    VALUE_KINDS,
)

# Goes up when a rule that was valid no longer is. New words leave it.
VERSION: Final = 1

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": "\\S"}
NUMBER: Final[Schema] = {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
DAYS: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_DAYS}
SCALAR: Final[Schema] = {"anyOf": [TEXT, NUMBER, {"type": "boolean"}]}
TIME: Final[Schema] = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
VALUE_SCHEMAS: Final[dict[str, Schema]] = {
    "scalar": SCALAR,
    "number": NUMBER,
    "range": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2},
    "list": {"type": "array", "items": SCALAR, "minItems": 1, "maxItems": MAX_VALUES},
    "text": TEXT,
    "pattern": TEXT,
    "date": {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "days": DAYS,
    "segment": TEXT,
    "times": {"type": "array", "items": TIME, "minItems": 2, "maxItems": 2},
    "circle": {
        "type": "array",
        "prefixItems": [
            {"type": "number", "minimum": -90, "maximum": 90},
            {"type": "number", "minimum": -180, "maximum": 180},
            {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_KM},
        ],
        "minItems": 3,
        "maxItems": 3,
    },
    "none": {"type": "null"},
}
PARAMETER_SCHEMAS: Final[Mapping[str, Schema]] = {
    "event": TEXT,
    "name": TEXT,
    "category": {"anyOf": [TEXT, {"type": "null"}]},
    "days": {"anyOf": [DAYS, {"type": "null"}]},
    "of": {"enum": list(DISTINCT_OF)},
    "then": TEXT,
    "then_category": {"anyOf": [TEXT, {"type": "null"}]},
    "minutes": {"type": "integer", "minimum": 1, "maximum": MAX_MINUTES},
}
OPTIONAL: Final = frozenset({"category", "days", "then_category"})


def rule_schema() -> Schema:
    """Return the schema, in the dialect of 2020-12.

    What it lets pass may still be refused: how deep groups go, which names a context has values
    for, whether a named segment exists.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:personalization:rule:{VERSION}",
        "title": "Segment rule",
        "$ref": "#/$defs/group",
        "$defs": {
            "group": _group(),
            "condition": {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in PARAMETERS]},
            **{kind: _condition(kind) for kind in PARAMETERS},
        },
    }


def _group() -> Schema:
    member = {"anyOf": [{"$ref": "#/$defs/group"}, {"$ref": "#/$defs/condition"}]}
    members = {"type": "array", "items": member, "minItems": 1, "maxItems": MAX_CONDITIONS}
    return _object(dict.fromkeys(MATCHES, members)) | {"minProperties": 1, "maxProperties": 1}


def _condition(kind: str) -> Schema:
    parameters = {name: PARAMETER_SCHEMAS[name] for name in PARAMETERS[kind]}
    if kind in NAMES_OF:
        parameters["name"] = _one_of(NAMES_OF[kind])
    operators = _one_of(OPERATORS_OF[kind])
    stated = {"fact": {"const": kind}, **parameters, "operator": operators, "value": {}}
    required = [name for name in stated if name not in OPTIONAL | {"value"}]
    kinds = dict.fromkeys(VALUE_KINDS[operator] for operator in OPERATORS_OF[kind])
    return {
        **_object(stated),
        "required": required,
        "allOf": [_value(kind, asked) for asked in kinds],
    }


def _value(kind: str, asked: str) -> Schema:
    """Return what the value is where the operator asks for this kind of value."""
    operators = [one for one in OPERATORS_OF[kind] if VALUE_KINDS[one] == asked]
    value = VALUE_SCHEMAS[asked]
    if asked == "scalar":
        value = _scalar(kind)
    elif asked == "list":
        value = {**value, "items": _scalar(kind)}
    return {
        "if": {"properties": {"operator": _one_of(operators)}},
        "then": {
            "properties": {"value": value},
            "required": [] if asked == "none" else ["value"],
        },
    }


def _scalar(kind: str) -> Schema:
    if kind in AMOUNTS_ONLY:
        return NUMBER
    if kind in TEXTS_ONLY:
        allowed = TEXTS_ONLY[kind]
        return _one_of(allowed) if allowed else TEXT
    return SCALAR


def _object(properties: Mapping[str, Any]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _one_of(values: Iterable[str]) -> Schema:
    return {"enum": list(values)}
