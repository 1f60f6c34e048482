"""One form for rules that say the same in other words."""

from typing import Any, Final

from personalization.rules.folding import fold
from personalization.rules.parsing import Condition, Group, Rule, Scalar, Value

Normal = tuple[Any, ...]
WHOLE: Final = frozenset({"count", "days_since", "distinct", "session", "in_session"})
# "In" a list of one is "equals".
SINGLE: Final = {"in": "equals", "not_in": "not_equals"}


def normalised(rule: Rule) -> Normal:
    """Return a value that equal rules share: order, repetition and needless groups left out."""
    return _group(rule)


def _member(member: Condition | Group) -> Normal:
    return _group(member) if isinstance(member, Group) else _condition(member)


def _group(group: Group) -> Normal:
    members: set[Normal] = set()
    for member in map(_member, group.members):
        # "All" within "all" is no group of its own, and so with "any".
        is_same = member[0] == group.match and group.match != "none"
        members.update(member[1] if is_same else [member])
    if len(members) == 1 and group.match != "none":
        return members.pop()
    return (group.match, tuple(sorted(members, key=repr)))


def _condition(condition: Condition) -> Normal:
    operator, value = condition.operator, condition.value
    if condition.fact.kind in WHOLE and isinstance(value, int):
        operator, value = _whole(operator, value)
    if isinstance(value, tuple) and len(value) == 1:
        operator, value = SINGLE.get(operator, operator), value[0]
    return ("condition", condition.fact, operator, _value(value))


def _whole(operator: str, value: int) -> tuple[str, int]:
    moved = {"greater": ("at_least", value + 1), "less": ("at_most", value - 1)}
    return moved.get(operator, (operator, value))


def _value(value: Value) -> Any:
    if isinstance(value, tuple):
        return tuple(sorted({_scalar(one) for one in value}, key=repr))
    return None if value is None else _scalar(value)


def _scalar(value: Scalar) -> tuple[str, Any]:
    if isinstance(value, str):
        return ("text", fold(value))
    return ("boolean", value) if isinstance(value, bool) else ("number", float(value))
