"""A rule as the rows of a form, and rows as a rule.

Rows stand in the order of the rule. A row is a group or a condition; `depth` says how many groups
it is in, besides the whole rule itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from personalization.rules.tree import Scalar
from personalization.rules.vocabulary import (
    AMOUNTS_ONLY,
    CONTEXT_TEXTS,
    MATCHES,
    MEMBER,
    PARAMETERS,
    TEXTS_ONLY,
    VALUE_KINDS,
)

Row = dict[str, str]
# Facts whose name is chosen together with their kind.
NAMED_IN_FACT: Final = frozenset({"trait", "context", "session", "consent"})
# Kinds of value that are text whatever they look like.
TEXTS: Final = frozenset({"text", "date", "segment", "pattern", "times"})
# What a row asks besides fact, name, operator and value.
ASKED: Final = ("of", "event", "category", "days", "then", "then_category", "minutes")
# The fields in which a value of each kind is typed; those of other kinds have one, "value".
EDITORS: Final[Mapping[str, tuple[str, ...]]] = {
    "none": (),
    "list": ("values",),
    "range": ("low", "high"),
    "times": ("low", "high"),
    "circle": ("latitude", "longitude", "km"),
}
ONE_FIELD: Final = ("value",)
NUMBER: Final = re.compile(r"-?\d{1,13}(\.\d+)?")
# Kinds of value that are nothing but numbers, in which thousands may be set apart as in "1,000".
NUMBERS: Final = frozenset({"number", "range", "circle", "days"})
THOUSANDS: Final = re.compile(r"-?\d{1,3}(?:([,'\u2019 \u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?")
BOOLEANS: Final = {"true": True, "false": False}
# A value in quotes, in which "" is a quote, or anything up to what stands between values: those of
# a spreadsheet are separated by tabs and line ends, those of people by commas or semicolons.
LISTED: Final = re.compile(r'[^\S\t\r\n]*(?:"((?:[^"]|"")*)"|([^,;\t\r\n]*))\s*(?:[,;\t\r\n]|$)')


def rows_of(raw: Any) -> tuple[str, list[Row]] | None:
    """Return match and rows of a stored rule; None where it is none that rows can show."""
    found = _group_of(raw)
    if found is None:
        return None
    rows = list(_members(found[1], depth=0))
    return None if None in rows else (found[0], [row for row in rows if row is not None])


def with_name(row: Row, names: Mapping[str, str]) -> Row:
    """Return a row that names a segment with what that is called, as a marketer types it."""
    key = row.get("value", "")
    return {**row, "value": names.get(key, key)} if row.get("operator") in MEMBER else row


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
    typed = [str(row.get(field) or "").strip() for field in EDITORS.get(asked, ONE_FIELD)]
    if asked == "list":
        return {**condition, "value": read_list(typed[0], is_text=is_text)}
    is_number = asked in NUMBERS or (asked == "scalar" and kind in AMOUNTS_ONLY)
    values = [_read_one(_together(one) if is_number else one, is_text=is_text) for one in typed]
    return {**condition, "value": values if asked in EDITORS else values[0]}


def shown_fields(fact: str, operator: str) -> frozenset[str]:
    """Return the fields that a row with this fact and operator asks for."""
    kind, _, name = fact.partition(":")
    if kind not in PARAMETERS:
        return frozenset({"fact"})
    editor = EDITORS.get(VALUE_KINDS.get(operator, "scalar"), ONE_FIELD)
    shown = {"fact", "operator", *PARAMETERS[kind], *editor}
    if kind in NAMED_IN_FACT and name:
        shown.discard("name")
    return frozenset(shown)


def blamed_field(place: str, operator: str) -> str:
    """Return the field that shows an error at a place in a condition, such as `value[1]`."""
    field, _, number = place.partition("[")
    if field != "value":
        return field
    editor = EDITORS.get(VALUE_KINDS.get(operator, "scalar"), ONE_FIELD)
    at = int(number.rstrip("]") or 0) if number else 0
    return editor[at] if at < len(editor) else (editor or ONE_FIELD)[0]


def parents(rows: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """Return for each row the number of the group it is in; None where it is in no other.

    A row that claims to be deeper than it can be belongs to the nearest group before it.
    """
    open_groups: list[int] = []
    found: list[int | None] = []
    for number, row in enumerate(rows):
        del open_groups[_depth(row) :]
        found.append(open_groups[-1] if open_groups else None)
        if row.get("group"):
            open_groups.append(number)
    return found


def shown_value(value: Any, between: str = ", ") -> str:
    """Return a value as it is typed into the form, so that reading it gives the value again."""
    if isinstance(value, list):
        return between.join(_shown(one, is_listed=True) for one in value)
    return "" if value is None else _shown(value, is_listed=False)


def read_list(text: str, *, is_text: bool) -> list[Scalar | None]:
    """Return the values of a typed or pasted list; nothing stands for nothing."""
    values: list[Scalar | None] = []
    for found in LISTED.finditer(text):
        quoted, plain = found.groups()
        if quoted is not None:
            values.append(quoted.replace('""', '"'))
        elif plain.strip():
            values.append(plain.strip() if is_text else _scalar(plain.strip()))
    return values


def _group_of(raw: Any) -> tuple[str, list[Any]] | None:
    if not isinstance(raw, dict) or len(raw) != 1:
        return None
    [(match, members)] = raw.items()
    return (match, members) if match in MATCHES and isinstance(members, list) else None


def _members(members: Sequence[Any], *, depth: int) -> Iterator[Row | None]:
    """Yield the rows of members and of what is in them; None for what is neither."""
    for member in members:
        group = _group_of(member)
        if group is not None:
            yield {"group": group[0], "depth": str(depth)}
            yield from _members(group[1], depth=depth + 1)
        elif isinstance(member, dict) and "fact" in member:
            yield {**_row(member), "group": "", "depth": str(depth)}
        else:
            yield None


def _row(condition: Mapping[str, Any]) -> Row:
    kind = str(condition["fact"])
    fact = f"{kind}:{condition.get('name', '')}" if kind in NAMED_IN_FACT else kind
    row = {name: condition.get(name) for name in (*ASKED, "operator")}
    if kind not in NAMED_IN_FACT:
        row["name"] = condition.get("name")
    return {
        "fact": fact,
        **{name: "" if value is None else str(value) for name, value in row.items()},
        **_typed(condition),
    }


def _typed(condition: Mapping[str, Any]) -> Row:
    """Return the value in the fields in which it is typed."""
    value = condition.get("value")
    asked = VALUE_KINDS.get(str(condition.get("operator")), "scalar")
    if asked == "list":
        return {"values": shown_value(value, between="\n")}
    if asked in EDITORS and isinstance(value, list):
        return {field: shown_value(one) for field, one in zip(EDITORS[asked], value, strict=False)}
    return {"value": shown_value(value)}


def _depth(row: Mapping[str, Any]) -> int:
    depth = str(row.get("depth") or "0")
    return int(depth) if depth.isascii() and depth.isdigit() and len(depth) < 3 else 0  # noqa: PLR2004


def _together(text: str) -> str:
    """Return a number without what sets its thousands apart; any other text as it is."""
    found = THOUSANDS.fullmatch(text)
    return text.replace(found[1], "") if found else text


def _read_one(text: str, *, is_text: bool) -> Scalar | None:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text if is_text else _scalar(text)


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
    if is_plain and not (is_listed and SEPARATES.search(value)):
        return value
    return '"{}"'.format(value.replace('"', '""'))


SEPARATES: Final = re.compile(r"[,;\t\r\n]")


def _number(value: float) -> str:
    # Plain digits: nobody types an exponent into a form.
    return format(value, ".10f").rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
