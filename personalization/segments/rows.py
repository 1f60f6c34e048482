"""A rule as the rows of a form, and rows as a rule."""

import re
from collections.abc import Mapping
from typing import Any, Final

from personalization.segments.tree import Scalar
from personalization.segments.vocabulary import (
    CONTEXT_TEXTS,
    MATCHES,
    PARAMETERS,
    TEXTS_ONLY,
    VALUE_KINDS,
)

Row = dict[str, str]
# Facts whose name is chosen together with their kind.
NAMED_IN_FACT: Final = frozenset({"trait", "context", "session", "consent"})
# Kinds of value that are text whatever they look like, and those of which there are several.
TEXTS: Final = frozenset({"text", "date", "segment", "pattern", "times"})
SEVERAL: Final = frozenset({"list", "range", "times", "circle"})
# What a row asks besides fact, name, operator and value.
ASKED: Final = ("of", "event", "category", "days", "then", "then_category", "minutes")
NUMBER: Final = re.compile(r"-?\d{1,13}(\.\d+)?")
PLACE: Final = re.compile(r"[a-z]+\[(\d+)\]")
BOOLEANS: Final = {"true": True, "false": False}
# A value in quotes, in which "" is a quote, or anything up to the next comma.
LISTED: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)')


def rows_of(raw: Any) -> tuple[str, list[Row]] | None:
    """Return match and rows of a stored rule; None where it has groups in groups."""
    if not isinstance(raw, dict) or len(raw) != 1:
        return None
    [(match, members)] = raw.items()
    if match not in MATCHES or not isinstance(members, list):
        return None
    if not all(isinstance(member, dict) and "fact" in member for member in members):
        return None
    return match, [_row(member) for member in members]


def condition_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the condition that a filled row states, not yet checked."""
    kind, _, name = str(row["fact"]).partition(":")
    stated: dict[str, Any] = {
        **{parameter: row.get(parameter) or None for parameter in ASKED},
        "name": name or row.get("name") or None,
    }
    operator = row.get("operator") or ""
    condition = {
        "fact": kind,
        **{parameter: stated[parameter] for parameter in PARAMETERS.get(kind, ())},
        "operator": operator,
    }
    asked = VALUE_KINDS.get(operator, "scalar")
    if asked == "none":
        return condition
    is_text = asked in TEXTS or kind in TEXTS_ONLY or (kind == "context" and name in CONTEXT_TEXTS)
    text = str(row.get("value") or "").strip()
    read = _read_list if asked in SEVERAL else _read_one
    return {**condition, "value": read(text, is_text=is_text)}


def row_of(place: str) -> int | None:
    """Return the number of the condition that a place such as `all[1].value` is in."""
    found = PLACE.match(place)
    return int(found[1]) if found else None


def shown_value(value: Any) -> str:
    """Return a value as it is typed into the form, so that reading it gives the value again."""
    if isinstance(value, list):
        return ", ".join(_shown(one, is_listed=True) for one in value)
    return "" if value is None else _shown(value, is_listed=False)


def _row(condition: Mapping[str, Any]) -> Row:
    kind = str(condition["fact"])
    fact = f"{kind}:{condition.get('name', '')}" if kind in NAMED_IN_FACT else kind
    row = {name: condition.get(name) for name in (*ASKED, "operator")}
    if kind not in NAMED_IN_FACT:
        row["name"] = condition.get("name")
    return {
        "fact": fact,
        **{name: "" if value is None else str(value) for name, value in row.items()},
        "value": shown_value(condition.get("value")),
    }


def _read_one(text: str, *, is_text: bool) -> Scalar | None:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text if is_text else _scalar(text)


def _read_list(text: str, *, is_text: bool) -> list[Scalar | None]:
    values: list[Scalar | None] = []
    for found in LISTED.finditer(text):
        quoted, plain = found.groups()
        if quoted is not None:
            values.append(quoted.replace('""', '"'))
        elif plain.strip():
            values.append(plain.strip() if is_text else _scalar(plain.strip()))
    return values


def _scalar(text: str) -> Scalar | None:
    if text.lower() in BOOLEANS:
        return BOOLEANS[text.lower()]
    if NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text or None


def _shown(value: Scalar, *, is_listed: bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return _number(value)
    is_plain = _scalar(value) == value and not value.startswith('"') and value == value.strip()
    if is_plain and not (is_listed and "," in value):
        return value
    return '"{}"'.format(value.replace('"', '""'))


def _number(value: float) -> str:
    # Plain digits: nobody types an exponent into a form.
    return format(value, ".10f").rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
