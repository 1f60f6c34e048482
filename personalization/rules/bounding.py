"""Whether conditions on one fact leave any value, by their bounds.

It speaks of operators whose cases `supposing.py` cannot all try: dates, windows, expressions,
segments. What it is not sure of it holds to be possible.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from personalization.rules.comparing import STEPS, TIMED
from personalization.rules.generating import passes
from personalization.rules.reading import comparable
from personalization.rules.tree import Condition, Value
from personalization.rules.vocabulary import (
    LISTED,
    MEMBER,
    NUMERIC,
    PRESENCE,
    TEXTUAL,
    VALUE_KINDS,
)

NEGATED: Final[Mapping[str, str]] = {
    "equals": "not_equals",
    "not_equals": "equals",
    "greater": "at_most",
    "at_most": "greater",
    "less": "at_least",
    "at_least": "less",
    "is_set": "is_not_set",
    "is_not_set": "is_set",
    "granted": "not_granted",
    "not_granted": "granted",
    "in_segment": "not_in_segment",
    "not_in_segment": "in_segment",
}
# Operators on one fact of which only one can hold, and those of which nothing is said.
EXCLUSIVE: Final = ("granted", "not_granted")
UNJUDGED: Final = frozenset(
    {*LISTED, "between_times", "within_km", "beyond_km", "done", "not_followed"}
)
# Facts that nobody lacks, so that a condition or its opposite holds for everybody.
NEVER_MISSING: Final = frozenset({"count", "sum", "distinct", "session", "in_session"})
# What a fact can be at all, both ends included.
DOMAINS: Final[Mapping[str, tuple[float, float]]] = {
    "count": (0, math.inf),
    "distinct": (0, math.inf),
    "session": (0, math.inf),
    "in_session": (0, math.inf),
    "percentage": (0, 99.99),
}
# Where an operator begins and ends, and whether the bound itself is left out.
LOWER: Final[Mapping[str, bool]] = {"greater": True, "at_least": False}
UPPER: Final[Mapping[str, bool]] = {"less": True, "at_most": False}


def opposite(condition: Condition) -> Condition | None:
    """Return what holds exactly where the condition does not; None where nothing does."""
    is_total = condition.operator in (*PRESENCE, *MEMBER) or condition.fact.kind in NEVER_MISSING
    operator = NEGATED.get(condition.operator)
    return replace(condition, operator=operator) if is_total and operator else None


def is_possible(conditions: Sequence[Condition]) -> bool:
    """Return False where no value of their one fact can fulfil all; True where that is unclear."""
    operators = {condition.operator for condition in conditions}
    if "is_not_set" in operators:
        return operators == {"is_not_set"}
    conditions = [one for one in conditions if one.operator not in UNJUDGED]
    if not conditions:
        return True
    if operators & {*MEMBER, *EXCLUSIVE}:
        return len(operators) == 1
    listed = [one for one in conditions if one.operator in ("equals", "in")]
    if listed:
        return any(_passes(value, conditions) for value in _values(listed[0]))
    is_number = bool(operators & {*NUMERIC} - {"not_equals"})
    if is_number and any(VALUE_KINDS[one] == "date" or one in TEXTUAL for one in operators):
        return False
    return _fits_numbers(conditions) and _fits_dates(conditions) and _fits_window(conditions)


def _values(condition: Condition) -> tuple[Any, ...]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _passes(value: Any, conditions: Sequence[Condition]) -> bool:
    fact = conditions[0].fact
    low, high = DOMAINS.get(fact.kind, (-math.inf, math.inf))
    if isinstance(value, int | float) and not low <= value <= high:
        return False
    if STEPS.get(fact.kind) == 1 and isinstance(value, float) and not value.is_integer():
        return False
    actual = comparable(value)
    # What depends on the moment is left open.
    return all(passes(one, actual) for one in conditions if one.operator not in TIMED)


def _fits_numbers(conditions: Sequence[Condition]) -> bool:
    fact = conditions[0].fact
    low, high = DOMAINS.get(fact.kind, (-math.inf, math.inf))
    lows, highs = [(low, False)], [(high, False)]
    for one in conditions:
        if one.operator in LOWER:
            lows.append((_float(one.value), LOWER[one.operator]))
        if one.operator in UPPER:
            highs.append((_float(one.value), UPPER[one.operator]))
        if one.operator == "between":
            first, last = _values(one)
            lows.append((first, False))
            highs.append((last, False))
    low, is_above = max(lows)
    high, is_below = min(highs, key=lambda bound: (bound[0], not bound[1]))
    step = STEPS.get(fact.kind)
    if step and math.isfinite(low) and math.isfinite(high):
        return _whole_steps(low, high, step, is_above=is_above, is_below=is_below)
    return low < high or (low == high and not is_above and not is_below)


def _whole_steps(low: float, high: float, step: float, *, is_above: bool, is_below: bool) -> bool:
    # Rounded first: 0.29 / 0.01 is not quite 29.
    first, last = round(low / step, 6), round(high / step, 6)
    lowest = math.floor(first) + 1 if is_above else math.ceil(first)
    highest = math.ceil(last) - 1 if is_below else math.floor(last)
    return lowest <= highest


def _fits_dates(conditions: Sequence[Condition]) -> bool:
    after = [str(one.value) for one in conditions if one.operator == "after"]
    before = [str(one.value) for one in conditions if one.operator == "before"]
    if not after or not before:
        return True
    return date.fromisoformat(max(after)) + timedelta(days=1) < date.fromisoformat(min(before))


def _fits_window(conditions: Sequence[Condition]) -> bool:
    within = [_float(one.value) for one in conditions if one.operator == "in_last"]
    outside = [_float(one.value) for one in conditions if one.operator == "not_in_last"]
    return not within or not outside or min(within) > max(outside)


def _float(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
