"""The rule language: JSON read into frozen values, or refused with the place and a reason.

A rule is a group, {"all" | "any" | "none": [members]}; a member is a group or a condition,
{"fact", …what the fact asks for…, "operator", "value"}. `docs/segments.md` has the whole table.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...] | None

MATCHES: Final = ("all", "any", "none")
MAX_DEPTH: Final = 6
MAX_CONDITIONS: Final = 100
MAX_VALUES: Final = 1_000
MAX_TEXT: Final = 200
MAX_NUMBER: Final = 1e12
MAX_DAYS: Final = 3_650

ORDERING: Final = ("greater", "at_least", "less", "at_most")
NUMERIC: Final = ("equals", "not_equals", *ORDERING)
PRESENCE: Final = ("is_set", "is_not_set")
OPERATORS: Final = (*NUMERIC, "in", "not_in", "contains", "begins", *PRESENCE)

# What each kind of fact is asked with, besides operator and value, and which operators fit it.
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "count": ("event", "category", "days"),
    "sum": ("event", "days"),
    "days_since": ("event",),
    "trait": ("name",),
    "context": ("name",),
}
OPERATORS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "count": NUMERIC,
    "sum": NUMERIC,
    "days_since": (*NUMERIC, *PRESENCE),
    "trait": OPERATORS,
    "context": OPERATORS,
}
# None: any text.
CONTEXT_TEXTS: Final[Mapping[str, tuple[str, ...] | None]] = {
    "device": ("mobile", "tablet", "desktop"),
    "category": None,
    "page": None,
    "referrer": ("search", "social", "direct", "internal", "other"),
    "campaign": None,
}
CONTEXT_NUMBERS: Final[Mapping[str, range]] = {"hour": range(24), "weekday": range(7)}
CONTEXT_NAMES: Final = (*CONTEXT_TEXTS, *CONTEXT_NUMBERS)


class RuleError(Exception):
    """The rule is refused; `field_path` is a place such as `all[1].value`."""

    def __init__(self, field_path: str, message: str) -> None:
        super().__init__(f"{field_path}: {message}" if field_path else message)
        self.field_path = field_path
        self.message = message


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a rule reads; `name` is an event type, a trait or a part of the context."""

    kind: str
    name: str
    category: str | None = None
    days: int | None = None

    @property
    def is_context(self) -> bool:
        """Whether only a visit can tell."""
        return self.kind == "context"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a fact with a value; `value` is None where the operator asks for none."""

    fact: Fact
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    """Members of which all, any or none must hold."""

    match: str
    members: "tuple[Condition | Group, ...]"

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition, however deep."""
        for member in self.members:
            if isinstance(member, Group):
                yield from member.conditions()
            else:
                yield member


Rule = Group


def parse_rule(raw: Any) -> Rule:
    """Return the rule that the JSON value states; raises RuleError."""
    rule = _group(raw, path="", depth=1)
    if sum(1 for _ in rule.conditions()) > MAX_CONDITIONS:
        raise RuleError("", f"A rule has at most {MAX_CONDITIONS} conditions.")
    return rule


def parse_condition(raw: Any, *, path: str = "") -> Condition:
    """Return one condition; raises RuleError with a place under `path`."""
    _require_object(raw, path)
    kind = raw.get("fact")
    if not isinstance(kind, str) or kind not in PARAMETERS:
        raise RuleError(_at(path, "fact"), f"Choose one of {', '.join(PARAMETERS)}.")
    _refuse_unknown(raw, {"fact", "operator", "value", *PARAMETERS[kind]}, path)
    fact = _FACTS[kind](raw, path)
    operator = raw.get("operator")
    if not isinstance(operator, str) or operator not in OPERATORS_OF[kind]:
        allowed = ", ".join(OPERATORS_OF[kind])
        raise RuleError(_at(path, "operator"), f"Choose one of {allowed}.")
    return Condition(fact, operator, _value(raw.get("value"), fact, operator, _at(path, "value")))


def _group(raw: Any, *, path: str, depth: int) -> Group:
    _require_object(raw, path)
    _refuse_unknown(raw, set(MATCHES), path)
    if len(raw) != 1:
        raise RuleError(path, "Say which must hold: exactly one of all, any or none.")
    if depth > MAX_DEPTH:
        raise RuleError(path, f"Groups go at most {MAX_DEPTH} deep.")
    [(match, members)] = raw.items()
    place = _at(path, match)
    if not isinstance(members, list) or not members:
        raise RuleError(place, "Add at least one condition.")
    if len(members) > MAX_CONDITIONS:
        raise RuleError(place, f"A rule has at most {MAX_CONDITIONS} conditions.")
    parsed = (_member(m, path=f"{place}[{i}]", depth=depth) for i, m in enumerate(members))
    return Group(match, tuple(parsed))


def _member(raw: Any, *, path: str, depth: int) -> Condition | Group:
    if isinstance(raw, dict) and raw.keys() & set(MATCHES):
        return _group(raw, path=path, depth=depth + 1)
    return parse_condition(raw, path=path)


def _count(raw: Mapping[str, Any], path: str) -> Fact:
    category = raw.get("category")
    if category is not None:
        category = _text(category, _at(path, "category"))
    return Fact("count", _event(raw, path), category, _days(raw, path))


def _sum(raw: Mapping[str, Any], path: str) -> Fact:
    return Fact("sum", _event(raw, path), days=_days(raw, path))


def _days_since(raw: Mapping[str, Any], path: str) -> Fact:
    return Fact("days_since", _event(raw, path))


def _trait(raw: Mapping[str, Any], path: str) -> Fact:
    return Fact("trait", _text(raw.get("name"), _at(path, "name")))


def _context(raw: Mapping[str, Any], path: str) -> Fact:
    name = raw.get("name")
    if not isinstance(name, str) or name not in CONTEXT_NAMES:
        raise RuleError(_at(path, "name"), f"Choose one of {', '.join(CONTEXT_NAMES)}.")
    return Fact("context", name)


_FACTS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Fact]]] = {
    "count": _count,
    "sum": _sum,
    "days_since": _days_since,
    "trait": _trait,
    "context": _context,
}


def _event(raw: Mapping[str, Any], path: str) -> str:
    return _text(raw.get("event"), _at(path, "event"))


def _days(raw: Mapping[str, Any], path: str) -> int | None:
    days = raw.get("days")
    if days is None:
        return None
    if type(days) is not int or not 1 <= days <= MAX_DAYS:
        raise RuleError(_at(path, "days"), f"Use a whole number of days from 1 to {MAX_DAYS}.")
    return days


def _value(value: Any, fact: Fact, operator: str, path: str) -> Value:
    if operator in PRESENCE:
        if value is not None:
            raise RuleError(path, "Leave the value out here.")
        return None
    if operator in ("in", "not_in"):
        return _list(value, fact, path)
    if operator in ("contains", "begins"):
        return _text(value, path)
    if operator in ORDERING or fact.kind in ("count", "sum", "days_since"):
        return _number(value, path)
    return _scalar(value, fact, path)


def _list(value: Any, fact: Fact, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
        raise RuleError(path, f"Give a list of 1 to {MAX_VALUES} values.")
    return tuple(_scalar(one, fact, f"{path}[{i}]") for i, one in enumerate(value))


def _scalar(value: Any, fact: Fact, path: str) -> Scalar:
    if fact.is_context:
        return _context_value(value, fact.name, path)
    if isinstance(value, bool):
        return value
    return _text(value, path) if isinstance(value, str) else _number(value, path)


def _context_value(value: Any, name: str, path: str) -> Scalar:
    if (numbers := CONTEXT_NUMBERS.get(name)) is not None:
        if type(value) is not int or value not in numbers:
            raise RuleError(path, f"Use a whole number from 0 to {numbers[-1]}.")
        return int(value)
    allowed = CONTEXT_TEXTS[name]
    text = _text(value, path)
    if allowed and text not in allowed:
        raise RuleError(path, f"Choose one of {', '.join(allowed)}.")
    return text


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RuleError(path, "Give a text.")
    if len(value) > MAX_TEXT:
        raise RuleError(path, f"Use at most {MAX_TEXT} characters.")
    if not value.isprintable():
        raise RuleError(path, "Remove line breaks and characters that cannot be seen.")
    return value.strip()


def _number(value: Any, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleError(path, "Give a number.")
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise RuleError(path, "Use a number below a million millions.")
    return value


def _require_object(raw: Any, path: str) -> None:
    if not isinstance(raw, dict):
        raise RuleError(path, "This must be a JSON object.")


def _refuse_unknown(raw: Mapping[Any, Any], known: set[str], path: str) -> None:
    for key in raw:
        if key not in known:
            raise RuleError(
                _at(path, str(key)[:MAX_TEXT]),
                f"This is not known here. Known are {', '.join(sorted(known))}.",
            )


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
