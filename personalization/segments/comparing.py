"""The operators of a rule in Python, and how far a fact is from passing one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from personalization.segments.dates import date_of, window
from personalization.segments.patterns import compiled, written_out
from personalization.segments.reading import Known, comparable, key_of
from personalization.segments.tree import Condition, Scalar, Value

Test = Callable[[Any], bool]
TimedTest = Callable[[Any, datetime], bool]
Matcher = Callable[[Known], bool]
# Written once: int | float would be made anew at each comparison.
NUMBERS: Final = (int, float)
# The smallest step by which a fact of this kind can move.
STEPS: Final[Mapping[str, float]] = {
    "count": 1,
    "days_since": 1,
    "sum": 0.01,
    "average": 0.01,
    "minimum": 0.01,
    "maximum": 0.01,
}


def matcher_of(condition: Condition) -> Matcher:
    """Return the condition as a function."""
    fact, operator, key = condition.fact, condition.operator, key_of(condition.fact)
    wanted = _wanted(condition.value, operator)
    if operator in COMPARE_NOW:
        timed = COMPARE_NOW[operator](wanted)
        return lambda known: timed(known.comparable(fact, key), known.now)
    test = COMPARE[operator](wanted)

    # Most facts were read for an earlier rule; looking here saves a call for each.
    def matches(known: Known) -> bool:
        read = known.read
        return test(read[key] if key in read else known.comparable(fact, key))

    return matches


def shortfall(condition: Condition, actual: Scalar | None) -> float | None:
    """Return how much is missing, in the fact's unit; None where nearness has no meaning."""
    value, step = condition.value, STEPS.get(condition.fact.kind, 0)
    wanted = value if isinstance(value, tuple) else (value,)
    if condition.operator not in MISSING_BY or not all(map(_is_number, (actual, *wanted))):
        return None
    return round(MISSING_BY[condition.operator](actual, value, step), 2)


def _wanted(value: Value, operator: str) -> Any:
    if not isinstance(value, tuple):
        return comparable(value)
    made = (comparable(one) for one in value)
    return frozenset(made) if operator in ("in", "not_in") else tuple(made)


def _text(compare: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    return lambda wanted: lambda actual: isinstance(actual, str) and compare(actual, wanted)


def _between(wanted: tuple[float, float]) -> Test:
    low, high = wanted
    return lambda actual: isinstance(actual, NUMBERS) and low <= actual <= high


def _pattern(wanted: str) -> Test:
    search = compiled(written_out(wanted)).search
    return lambda actual: isinstance(actual, str) and search(actual) is not None


def _date(compare: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    return lambda wanted: (
        lambda actual: (date := date_of(actual)) is not None and compare(date, wanted)
    )


def _last_days(*, is_within: bool) -> Callable[[Any], TimedTest]:
    def within(days: int) -> TimedTest:
        def test(actual: Any, now: datetime) -> bool:
            date = date_of(actual)
            if date is None:
                return False
            earliest, today = window(days, now=now)
            return (earliest <= date <= today) is is_within

        return test

    return within


COMPARE: Final[Mapping[str, Callable[[Any], Test]]] = {
    "equals": lambda wanted: lambda actual: actual == wanted,
    "not_equals": lambda wanted: lambda actual: actual is not None and actual != wanted,
    "greater": lambda wanted: lambda actual: isinstance(actual, NUMBERS) and actual > wanted,
    "at_least": lambda wanted: lambda actual: isinstance(actual, NUMBERS) and actual >= wanted,
    "less": lambda wanted: lambda actual: isinstance(actual, NUMBERS) and actual < wanted,
    "at_most": lambda wanted: lambda actual: isinstance(actual, NUMBERS) and actual <= wanted,
    "between": _between,
    "in": lambda wanted: lambda actual: actual in wanted,
    "not_in": lambda wanted: lambda actual: actual is not None and actual not in wanted,
    "contains": _text(lambda actual, wanted: wanted in actual),
    "begins": _text(lambda actual, wanted: actual.startswith(wanted)),
    "ends": _text(lambda actual, wanted: actual.endswith(wanted)),
    "matches": _pattern,
    "before": _date(lambda actual, wanted: actual < wanted),
    "after": _date(lambda actual, wanted: actual > wanted),
    "is_set": lambda _: lambda actual: actual is not None,
    "is_not_set": lambda _: lambda actual: actual is None,
}
# What depends on the moment besides.
COMPARE_NOW: Final[Mapping[str, Callable[[Any], TimedTest]]] = {
    "in_last": _last_days(is_within=True),
    "not_in_last": _last_days(is_within=False),
}
MISSING_BY: Final[Mapping[str, Callable[[Any, Any, float], float]]] = {
    "equals": lambda actual, value, _: abs(value - actual),
    "greater": lambda actual, value, step: value + step - actual,
    "at_least": lambda actual, value, _: value - actual,
    "less": lambda actual, value, step: actual + step - value,
    "at_most": lambda actual, value, _: actual - value,
    "between": lambda actual, value, _: max(value[0] - actual, actual - value[1]),
}


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
