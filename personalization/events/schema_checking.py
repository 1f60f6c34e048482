"""Hold events against a JSON Schema, compiled once; knows no Django.

Schemas are of draft 2020-12. Patterns run in linear time, and nothing is fetched from elsewhere.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

PARTS: Final = ("properties", "context", "traits")
LONGEST_SCHEMA: Final = 65_536
DEEPEST_SCHEMA: Final = 100
TOO_DEEP: Final = f"A schema has at most {DEEPEST_SCHEMA} levels."
TYPE_WORDS: Final[Mapping[str, str]] = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
# What to do about each keyword that an event broke. The value itself is never repeated.
ADVICE: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "type": lambda kind: f"Use {' or '.join(TYPE_WORDS.get(t, t) for t in kind['types'])}.",
    "required": lambda kind: "This is missing.",
    "enum": lambda kind: f"Use one of {_listed(kind['options'])}.",
    "const": lambda kind: f"Use {json.dumps(kind['expected_value'])}.",
    "minimum": lambda kind: f"Use {kind['limit']} or more.",
    "maximum": lambda kind: f"Use {kind['limit']} or less.",
    "exclusiveMinimum": lambda kind: f"Use more than {kind['limit']}.",
    "exclusiveMaximum": lambda kind: f"Use less than {kind['limit']}.",
    "minLength": lambda kind: f"Use at least {kind['limit']} characters.",
    "maxLength": lambda kind: f"Use at most {kind['limit']} characters.",
    "minItems": lambda kind: f"List at least {kind['limit']}.",
    "maxItems": lambda kind: f"List at most {kind['limit']}.",
    "pattern": lambda kind: f"Use a text that matches {kind['pattern']}",
    "format": lambda kind: f"Use the format {kind['format']}.",
    "additionalProperties": lambda kind: "There is no such field in the schema.",
    "unevaluatedProperties": lambda kind: "There is no such field in the schema.",
    "falseSchema": lambda kind: "This is not allowed here.",
}
# Keywords whose error stands at the object, and is about one of its fields.
NAMED_FIELD: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "required": lambda kind: str(kind["property"]),
    "additionalProperties": lambda kind: str(kind["unexpected"][0]),
    "unevaluatedProperties": lambda kind: str(kind["unexpected"][0]),
}


class SchemaRefused(Exception):
    """The schema cannot be used; `path` says where it is wrong, such as `properties.price.type`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"At {path}: {message}" if path else message)
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with an event, and where."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """A compiled schema, and the fields it names, such as `properties.price`."""

    validator: Any
    fields: frozenset[str]

    def fits(self, parts: Mapping[str, Any]) -> bool:
        """Return whether nothing is wrong with these properties, context and traits."""
        return bool(self.validator.is_valid(parts))

    def objection(self, parts: Mapping[str, Any]) -> Objection | None:
        """Return the first thing that is wrong with these properties, context and traits."""
        if self.fits(parts):
            return None
        error = next(iter(self.validator.iter_errors(parts)))
        kind, details = error.kind.name, error.kind.as_dict()
        path = list(error.instance_path)
        if kind in NAMED_FIELD:
            path.append(NAMED_FIELD[kind](details))
        advise = ADVICE.get(kind)
        message = advise(details) if advise else f"This does not fit the schema ({kind})."
        return Objection(as_path(path), message)


def compile_schema(schema: Any) -> Check:
    """Return the schema as something that checks; raises SchemaRefused saying what is wrong."""
    if not isinstance(schema, dict):
        raise SchemaRefused("", "A schema is a JSON object.")
    if is_too_deep(schema):
        raise SchemaRefused("", TOO_DEEP)
    if len(json.dumps(schema)) > LONGEST_SCHEMA:
        raise SchemaRefused("", f"A schema has at most {LONGEST_SCHEMA:,} characters.")
    unknown = schema.get("properties", {})
    if isinstance(unknown, dict) and (astray := sorted(unknown.keys() - set(PARTS))):
        raise SchemaRefused(
            f"properties.{astray[0]}", f"An event has {', '.join(PARTS)}, and nothing beside them."
        )
    try:
        validator = jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            pattern_options=jsonschema_rs.RegexOptions(),
            retriever=_refuse_to_fetch,
        )
    except jsonschema_rs.ValidationError as error:
        raise SchemaRefused(as_path(error.instance_path), _fault(error)) from error
    return Check(validator, frozenset(_named_fields(schema)))


def is_too_deep(schema: Any) -> bool:
    """Return whether it has more levels than a schema may have."""
    level = [schema]
    for _ in range(DEEPEST_SCHEMA):
        level = [part for held in level for part in _held(held)]
        if not level:
            return False
    return True


def _held(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def described_fields(schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (part, name) of each field that the schema describes, in its order."""
    parts = schema.get("properties", {})
    return [
        (part, name)
        for part in PARTS
        for name in parts.get(part, {}).get("properties", {})
        if isinstance(parts.get(part), dict)
    ]


def _named_fields(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what it describes or demands, one level into each part."""
    for part, inner in schema.get("properties", {}).items():
        if isinstance(inner, dict):
            for name in (*inner.get("properties", {}), *inner.get("required", ())):
                yield f"{part}.{name}"


def as_path(steps: Iterable[str | int]) -> str:
    """Return `properties.items[0].price` for its steps."""
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).lstrip(".")


def _fault(error: Any) -> str:
    return str(error.message).removesuffix(".") + "."


def _refuse_to_fetch(address: str) -> Any:
    raise ValueError("schemas are not fetched from elsewhere; write it out here")


def _listed(options: Iterable[Any]) -> str:
    return ", ".join(json.dumps(option) for option in options)
