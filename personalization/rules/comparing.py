"""The operators of a rule in Python, and how far a fact is from passing one.

An operator is written as an expression, of which `generating.py` makes functions. The expression
has names for the fact and for what it is compared with; values never stand in it.
"""

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalization.rules.folding import fold
from personalization.rules.geography import Point
from personalization.rules.operands import as_float
from personalization.rules.patterns import written_out
from personalization.rules.reading import Actual, comparable
from personalization.rules.reading_acts import FOLLOWED, FOLLOWED_BEFORE, NOT_FOLLOWED
from personalization.rules.tree import Condition, Value

# The smallest step by which a fact of this kind can move.
STEPS: Final[Mapping[str, float]] = {
    "count": 1,
    "days_since": 1,
    "distinct": 1,
    "session": 1,
    "in_session": 1,
    "sum": 0.01,
    "average": 0.01,
    "minimum": 0.01,
    "maximum": 0.01,
}
METRES: Final = 1_000
# With which a shortfall is told; one that they would round away, with its leading digits.
DECIMALS: Final = 2
LEADING_DIGITS: Final = 2


def _alone(value: Any) -> dict[str, Any]:
    return {"wanted": comparable(value)}


def _number(value: Any) -> dict[str, Any]:
    return {"wanted": as_float(value)}


def _set(value: Any) -> dict[str, Any]:
    return {"wanted": frozenset(comparable(one) for one in value)}


def _set_and_nothing(value: Any) -> dict[str, Any]:
    return {**_set(value), "nothing": frozenset()}


def _missing_or(value: Any) -> dict[str, Any]:
    listed = value if isinstance(value, tuple) else (value,)
    return {"wanted": frozenset((None, *(comparable(one) for one in listed)))}


def _two(value: Any) -> dict[str, Any]:
    return {"low": as_float(value[0]), "high": as_float(value[1])}


def _none(_: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Written:
    """How an operator is written: in which form it reads the fact, and the expression.

    `{fact}` is the fact, the other names are those that `constants` gives values to. `argument`
    is what the form depends on besides. No form of a missing fact lets the expression hold.
    """

    form: str
    expression: str
    constants: Callable[[Any], Mapping[str, Any]] = _alone
    argument: Callable[[Any], Hashable] = lambda _: None


def _within_times(value: Any) -> dict[str, Any]:
    first, last = value
    return {"first": first, "last": last, "wraps": first > last}


WRITTEN: Final[dict[str, Written]] = {
    "equals": Written("plain", "{fact} == {wanted}"),
    "not_equals": Written("plain", "{fact} not in {wanted}", _missing_or),
    "greater": Written("number", "{fact} > {wanted}", _number),
    "at_least": Written("number", "{fact} >= {wanted}", _number),
    "less": Written("number", "{fact} < {wanted}", _number),
    "at_most": Written("number", "{fact} <= {wanted}", _number),
    "between": Written("number", "{low} <= {fact} <= {high}", _two),
    "in": Written("plain", "{fact} in {wanted}", _set),
    "not_in": Written("plain", "{fact} not in {wanted}", _missing_or),
    "contains": Written("text", "{wanted} in {fact}"),
    "begins": Written("text", "{fact}.startswith({wanted})"),
    "ends": Written("text", "{fact}.endswith({wanted})"),
    "matches": Written("is_found", "{fact}", _none, lambda value: written_out(fold(value))),
    "before": Written("date", "'' < {fact} < {wanted}"),
    "after": Written("date", "{fact} > {wanted}"),
    "in_last": Written("is_within", "{fact} is True", _none, lambda days: days),
    "not_in_last": Written("is_within", "{fact} is False", _none, lambda days: days),
    "has_some": Written("members", "not {fact}.isdisjoint({wanted})", _set),
    "has_all": Written("members", "{fact} >= {wanted}", _set),
    "has_none": Written(
        "members", "({fact} != {nothing} and {fact}.isdisjoint({wanted}))", _set_and_nothing
    ),
    "between_times": Written(
        "text",
        "({fact} >= {first} or '' < {fact} < {last} if {wraps} else {first} <= {fact} < {last})",
        _within_times,
    ),
    "within_km": Written(
        "metres",
        "{fact} <= {wanted}",
        lambda value: _number(value[2] * METRES),
        lambda value: Point(*value[:2]),
    ),
    "beyond_km": Written(
        "metres",
        "{fact} > {wanted}",
        lambda value: _number(value[2] * METRES),
        lambda value: Point(*value[:2]),
    ),
    "granted": Written("plain", "{fact} == {wanted}", lambda _: {"wanted": (True,)}),
    "not_granted": Written("plain", "{fact} == {wanted}", lambda _: {"wanted": (False,)}),
    "done": Written("plain", "{fact} in {wanted}", lambda _: _set((FOLLOWED, FOLLOWED_BEFORE))),
    "not_followed": Written(
        "plain", "{fact} in {wanted}", lambda _: _set((NOT_FOLLOWED, FOLLOWED_BEFORE))
    ),
    "is_set": Written("plain", "{fact} is not None", _none),
    "is_not_set": Written("plain", "{fact} is None", _none),
}
# What depends on the moment, besides on the fact and the value.
TIMED: Final = frozenset({"in_last", "not_in_last"})


def shortfall(condition: Condition, actual: Actual) -> float | None:
    """Return how much is missing, in the fact's unit; None where nearness has no meaning."""
    value, step = condition.value, STEPS.get(condition.fact.kind, 0)
    wanted = value if isinstance(value, tuple) else (value,)
    if condition.operator not in MISSING_BY or not all(map(_is_number, (actual, *wanted))):
        return None
    return _told(MISSING_BY[condition.operator](actual, value, step))


MISSING_BY: Final[Mapping[str, Callable[[Any, Any, float], float]]] = {
    "equals": lambda actual, value, _: abs(value - actual),
    "greater": lambda actual, value, step: value + step - actual,
    "at_least": lambda actual, value, _: value - actual,
    "less": lambda actual, value, step: actual + step - value,
    "at_most": lambda actual, value, _: actual - value,
    "between": lambda actual, value, _: max(value[0] - actual, actual - value[1]),
}


def _told(missing: float) -> float:
    if not missing:
        return missing
    leading = LEADING_DIGITS - 1 - math.floor(math.log10(abs(missing)))
    return round(missing, max(DECIMALS, leading))


def _is_number(value: Value | Actual) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
