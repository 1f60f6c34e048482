"""What a fact was, and how near a miss it was, in English."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from personalization.rules.geography import Point
from personalization.rules.parsing import Condition, Fact
from personalization.rules.reading import Actual
from personalization.rules.sentences import WEEKDAYS, event_noun, shown
from personalization.rules.wording import DISTINCT_NOUNS

TOO_LITTLE: Final = frozenset({"greater", "at_least"})
TOO_MUCH: Final = frozenset({"less", "at_most"})


def actual_sentence(fact: Fact, actual: Actual) -> str:
    """Return what the fact was, as a phrase."""
    return ACTUAL.get(fact.kind, _actual_value)(fact, actual)


def nearness_sentence(condition: Condition, *, actual: Actual, shortfall: float | None) -> str:
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


def _actual_value(_: Fact, actual: Actual) -> str:
    if isinstance(actual, list | tuple):
        return ", ".join(map(shown, actual))
    return "not known" if actual is None else shown(actual)


def _actual_place(_: Fact, actual: Actual) -> str:
    return f"{actual.latitude}, {actual.longitude}" if isinstance(actual, Point) else "not known"


def _actual_consent(_: Fact, actual: Actual) -> str:
    return "agreed" if actual is True else "not agreed"


def _actual_distinct(fact: Fact, actual: Actual) -> str:
    one, several = DISTINCT_NOUNS[str(fact.of)]
    number = shown(actual) if isinstance(actual, int) and actual else "no"
    return f"{number} {one if actual == 1 else several}"


def _actual_sequence(fact: Fact, actual: Actual) -> str:
    return str(actual or f"no {event_noun(fact.name, is_one=True)} lately")


def _actual_count(fact: Fact, actual: Any) -> str:
    number = shown(actual) if actual else "no"
    return f"{number} {event_noun(fact.name, is_one=actual == 1)}"


def _actual_sum(fact: Fact, actual: Any) -> str:
    return f"{event_noun(fact.name)} worth {shown(actual or 0)}"


def _actual_days(fact: Fact, actual: Any) -> str:
    if actual is None:
        return f"no {event_noun(fact.name, is_one=True)} ever"
    ago = {0: "today", 1: "yesterday"}.get(int(actual), f"{shown(actual)} days ago")
    return f"latest {event_noun(fact.name, is_one=True)} {ago}"


def _actual_context(fact: Fact, actual: Actual) -> str:
    if fact.name == "weekday" and isinstance(actual, int):
        return WEEKDAYS[actual]
    return _actual_value(fact, actual)


def _actual_list(_: Fact, actual: Actual) -> str:
    return "on it" if actual else "not on it"


ACTUAL: Final[Mapping[str, Callable[[Fact, Actual], str]]] = {
    "count": _actual_count,
    "sum": _actual_sum,
    "days_since": _actual_days,
    "trait": _actual_value,
    "in_session": _actual_count,
    "distinct": _actual_distinct,
    "sequence": _actual_sequence,
    "consent": _actual_consent,
    "location": _actual_place,
    "context": _actual_context,
    "list": _actual_list,
}


def _near_count(fact: Fact, missing: float, is_short: bool) -> str:
    noun = event_noun(fact.name, is_one=missing == 1)
    return f"{_amount(missing)} {noun} {'short' if is_short else 'too many'}"


def _near_distinct(fact: Fact, missing: float, is_short: bool) -> str:
    one, several = DISTINCT_NOUNS[str(fact.of)]
    noun = one if missing == 1 else several
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
    "in_session": _near_count,
    "distinct": _near_distinct,
    "percentage": _no_nearness,
}
