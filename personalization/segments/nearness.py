"""What a fact was, and how near a miss it was, in English."""

from collections.abc import Callable, Mapping
from typing import Final

from personalization.segments.rules import Condition, Fact, Scalar
from personalization.segments.sentences import WEEKDAYS, event_noun, shown

TOO_LITTLE: Final = frozenset({"greater", "at_least"})
TOO_MUCH: Final = frozenset({"less", "at_most"})


def actual_sentence(fact: Fact, actual: Scalar | None) -> str:
    """Return what the fact was, as a phrase."""
    return ACTUAL.get(fact.kind, _actual_value)(fact, actual)


def nearness_sentence(
    condition: Condition, *, actual: Scalar | None, shortfall: float | None
) -> str:
    """Return by how much a condition that does not hold missed; empty where that means nothing."""
    if shortfall is None or not isinstance(actual, int | float):
        return ""
    if shortfall == 0:
        return "exactly at the limit"
    phrase = NEARNESS.get(condition.fact.kind, _near_value)
    return phrase(condition.fact, shortfall, _is_too_little(condition, actual))


def _is_too_little(condition: Condition, actual: float) -> bool:
    if condition.operator in TOO_LITTLE:
        return True
    wanted = condition.value[0] if isinstance(condition.value, tuple) else condition.value
    is_below = isinstance(wanted, int | float) and actual < wanted
    return condition.operator not in TOO_MUCH and is_below


def _amount(number: float) -> str:
    return "one" if number == 1 else shown(number)


def _actual_value(_: Fact, actual: Scalar | None) -> str:
    return "not known" if actual is None else shown(actual)


def _actual_count(fact: Fact, actual: Scalar | None) -> str:
    number = shown(actual) if actual else "no"
    return f"{number} {event_noun(fact.name, is_one=actual == 1)}"


def _actual_sum(fact: Fact, actual: Scalar | None) -> str:
    return f"{event_noun(fact.name)} worth {shown(actual or 0)}"


def _actual_days(fact: Fact, actual: Scalar | None) -> str:
    if actual is None:
        return f"no {event_noun(fact.name, is_one=True)} ever"
    ago = {0: "today", 1: "yesterday"}.get(int(actual), f"{shown(actual)} days ago")
    return f"latest {event_noun(fact.name, is_one=True)} {ago}"


def _actual_context(fact: Fact, actual: Scalar | None) -> str:
    if fact.name == "weekday" and isinstance(actual, int):
        return WEEKDAYS[actual]
    return _actual_value(fact, actual)


def _actual_list(_: Fact, actual: Scalar | None) -> str:
    return "on it" if actual else "not on it"


ACTUAL: Final[Mapping[str, Callable[[Fact, Scalar | None], str]]] = {
    "count": _actual_count,
    "sum": _actual_sum,
    "days_since": _actual_days,
    "trait": _actual_value,
    "context": _actual_context,
    "list": _actual_list,
}


def _near_count(fact: Fact, missing: float, is_short: bool) -> str:
    noun = event_noun(fact.name, is_one=missing == 1)
    return f"{_amount(missing)} {noun} {'short' if is_short else 'too many'}"


def _near_sum(fact: Fact, missing: float, is_short: bool) -> str:
    return f"{event_noun(fact.name)} worth {shown(missing)} {'short' if is_short else 'too many'}"


def _near_days(_: Fact, missing: float, is_short: bool) -> str:
    days = "day" if missing == 1 else "days"
    return f"{_amount(missing)} {days} too {'early' if is_short else 'late'}"


def _no_nearness(_: Fact, __: float, ___: bool) -> str:
    # Nobody comes nearer to a lot that is drawn once and for all.
    return ""


def _near_value(_: Fact, missing: float, is_short: bool) -> str:
    return f"{shown(missing)} {'short' if is_short else 'too much'}"


NEARNESS: Final[Mapping[str, Callable[[Fact, float, bool], str]]] = {
    "count": _near_count,
    "sum": _near_sum,
    "days_since": _near_days,
    "trait": _near_value,
    "context": _near_value,
    "percentage": _no_nearness,
}
