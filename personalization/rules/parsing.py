"""The rule language: JSON read into frozen values, or refused with the place and a reason.

A rule is a group, {"all" | "any" | "none": [members]}; a member is a group or a condition,
{"fact", …what the fact asks for…, "operator", "value"}. `docs/segments.md` has the whole table.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from personalization.rules.tree import Condition, Fact, Group, Rule, RuleError, Scalar, Value
from personalization.rules.values import read_days, read_minutes, read_text, read_value
from personalization.rules.vocabulary import (
    CONTEXT_NAMES,
    CONTEXT_NUMBERS,
    CONTEXT_TEXTS,
    DISTINCT_OF,
    MATCHES,
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_TEXT,
    NAMES_OF,
    NUMERIC,
    OPERATORS_OF,
    PARAMETERS,
    PRESENCE,
)

__all__ = (
    "CONTEXT_NAMES",
    "CONTEXT_NUMBERS",
    "CONTEXT_TEXTS",
    "MATCHES",
    "MAX_CONDITIONS",
    "MAX_DEPTH",
    "NUMERIC",
    "OPERATORS_OF",
    "PARAMETERS",
    "PRESENCE",
    "Condition",
    "Fact",
    "Group",
    "Rule",
    "RuleError",
    "Scalar",
    "Value",
    "parse_condition",
    "parse_rule",
)


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
    fact = _fact(raw, kind, path)
    operator = raw.get("operator")
    if not isinstance(operator, str) or operator not in OPERATORS_OF[kind]:
        allowed = ", ".join(OPERATORS_OF[kind])
        raise RuleError(_at(path, "operator"), f"Choose one of {allowed}.")
    place = _at(path, "value")
    value = read_value(raw.get("value"), fact=fact, operator=operator, path=place)
    return Condition(fact, operator, value)


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


def _fact(raw: Mapping[str, Any], kind: str, path: str) -> Fact:
    """Return the fact, with each parameter read by the row of its own."""
    stated = {
        name: READ_PARAMETER[name](raw.get(name), kind, _at(path, name))
        for name in PARAMETERS[kind]
    }
    name = stated.pop("event", None) or stated.pop("name", None) or ""
    return Fact(kind, str(name), **stated)


def _name(value: Any, kind: str, path: str) -> str:
    return _one_of(NAMES_OF[kind], value, path) if kind in NAMES_OF else read_text(value, path)


def _one_of(names: Sequence[str], value: Any, path: str) -> str:
    if not isinstance(value, str) or value not in names:
        raise RuleError(path, f"Choose one of {', '.join(names)}.")
    return value


READ_PARAMETER: Final[Mapping[str, Callable[[Any, str, str], Any]]] = {
    "event": lambda value, _, path: read_text(value, path),
    "category": lambda value, _, path: None if value is None else read_text(value, path),
    "days": lambda value, _, path: None if value is None else read_days(value, path),
    "of": lambda value, _, path: _one_of(DISTINCT_OF, value, path),
    "then": lambda value, _, path: read_text(value, path),
    "then_category": lambda value, _, path: None if value is None else read_text(value, path),
    "minutes": lambda value, _, path: read_minutes(value, path),
    "name": _name,
}


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
