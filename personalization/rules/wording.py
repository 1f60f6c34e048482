"""The words sentences are made of."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from personalization.rules.quoting import quoted, shown, spoken
from personalization.rules.tree import Fact, Value
from personalization.rules.vocabulary import VALUE_KINDS

# The word before the last of a list, where one of them is not enough.
LISTED_WITH: Final[Mapping[str, str]] = {"has_all": "and"}
# Event type: one of it, several.
NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "page_view": ("page view", "page views"),
    "item_view": ("item view", "item views"),
    "add_to_cart": ("addition to the basket", "additions to the basket"),
    "remove_from_cart": ("removal from the basket", "removals from the basket"),
    "purchase": ("purchase", "purchases"),
    "refund": ("refund", "refunds"),
    "search": ("search", "searches"),
    "exposure": ("personalized block shown", "personalized blocks shown"),
}
# What is told of the visit going on.
SESSION_LABELS: Final[Mapping[str, str]] = {
    "number": "number of visits so far",
    "events": "acts in this visit",
    "minutes": "minutes in this visit",
}
DISTINCT_NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "items": ("different item", "different items"),
    "categories": ("different category", "different categories"),
}
STAGE_WORDS: Final[Mapping[str, str]] = {"at_risk": "at risk"}
CONTEXT_LABELS: Final[Mapping[str, str]] = {
    "device": "device",
    "category": "category being viewed",
    "page": "page address",
    "referrer": "where the visit came from",
    "campaign": "campaign",
    "item": "item being viewed",
    "source": "campaign's source",
    "medium": "campaign's medium",
    "country": "country of the visit",
    "region": "region of the visit",
    "time": "time of day",
    "hour": "hour of the day",
    "weekday": "day of the week",
}
# What someone has not done; other events are named.
DEEDS: Final[Mapping[str, str]] = {
    "page_view": "viewed a page",
    "item_view": "viewed an item",
    "add_to_cart": "added to the basket",
    "remove_from_cart": "removed from the basket",
    "purchase": "purchased",
    "refund": "been refunded",
    "search": "searched",
    "exposure": "been shown a personalized block",
}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# How an operator reads after the name of a trait, and before an amount. A trait's "amount" reads
# like a phrase too, so the second table has only what numbers are compared with.
PHRASES: Final[dict[str, str]] = {
    "equals": "is {}",
    "not_equals": "is not {}",
    "greater": "is more than {}",
    "at_least": "is at least {}",
    "less": "is less than {}",
    "at_most": "is at most {}",
    "between": "is between {}",
    "in": "is {}",
    "not_in": "is none of {}",
    "contains": "contains {}",
    "begins": "begins with {}",
    "ends": "ends with {}",
    "matches": "matches {}",
    "before": "is before {}",
    "after": "is after {}",
    "in_last": "is {}",
    "not_in_last": "is not {}",
    "has_some": "has {}",
    "has_all": "has all of {}",
    "has_none": "has none of {}",
    "between_times": "is {}",
    "within_km": "within {}",
    "beyond_km": "more than {}",
    "granted": "has agreed to",
    "not_granted": "has not agreed to",
    "done": "was followed by",
    "not_followed": "was not followed by",
    "in_segment": "in the segment {}",
    "not_in_segment": "not in the segment {}",
    "is_set": "is known",
    "is_not_set": "is not known",
}
AMOUNTS: Final[Mapping[str, str]] = {
    "equals": "exactly {}",
    "not_equals": "any number but {} of",
    "greater": "more than {}",
    "at_least": "at least {}",
    "less": "fewer than {}",
    "at_most": "at most {}",
    "between": "between {}",
}


def event_noun(event: str, *, is_one: bool = False) -> str:
    """Return what an event of this type is called."""
    one, several = NOUNS.get(event) or _unknown_event(event)
    return one if is_one else several


def _unknown_event(event: str) -> tuple[str, str]:
    said = spoken(event)
    if said == quoted(event):
        return f"event of type {said}", f"events of type {said}"
    return f"“{said}” event", f"“{said}” events"


def phrase(operator: str, value: Value) -> str:
    """Return how the operator and its value read after the name of what is compared."""
    return PHRASES[operator].format(stated(operator, value))


def amount(operator: str, value: Value) -> str:
    """Return how they read before what is counted."""
    return AMOUNTS.get(operator, PHRASES[operator]).format(stated(operator, value))


def stated(operator: str, value: Value) -> str:
    """Return the value as its operator means it."""
    if value is None:
        return ""
    if operator in LISTED_WITH:
        return _listed(value, LISTED_WITH[operator])
    return STATED.get(VALUE_KINDS[operator], _listed)(value)


def duration_words(minutes: int) -> str:
    """Return a time in the largest unit that it is whole in."""
    for unit, length in (("day", 1_440), ("hour", 60)):
        if minutes % length == 0:
            return _units(minutes // length, unit)
    return _units(minutes, "minute")


def window_words(days: int | None) -> str:
    """Return the window of a fact, with a blank before it; nothing where it is ever."""
    return "" if days is None else f" {_days(days)}"


def place_words(fact: Fact) -> str:
    """Return the category of a fact, with a blank before it, where it has one."""
    return category_words(fact.category)


def category_words(category: str | None) -> str:
    """Return a category, with a blank before it; nothing where any will do."""
    return f" in {shown(category)}" if category else ""


def _listed(value: Value, word: str = "or") -> str:
    if not isinstance(value, tuple):
        return shown(value) if value is not None else ""
    *first, last = [shown(one) for one in value]
    return f"{', '.join(first)} {word} {last}" if first else last


def _units(number: int, unit: str) -> str:
    return f"one {unit}" if number == 1 else f"{shown(number)} {unit}s"


def _range(value: Value) -> str:
    return " and ".join(map(shown, value)) if isinstance(value, tuple) else ""


def _date(value: Value) -> str:
    day = date.fromisoformat(str(value))
    return f"{day.day} {day:%B} {day.year}"


def _days(value: Value) -> str:
    return "today" if value == 1 else f"in the last {value} days"


def _times(value: Value) -> str:
    return "from {} to {}".format(*value) if isinstance(value, tuple) else ""


def _circle(value: Value) -> str:
    if not isinstance(value, tuple):
        return ""
    latitude, longitude, km = value
    return f"{shown(km)} km from {shown(latitude)}, {shown(longitude)}"


STATED: Final[dict[str, Callable[[Value], str]]] = {
    "range": _range,
    "date": _date,
    "days": _days,
    "times": _times,
    "circle": _circle,
    "pattern": lambda value: quoted(str(value)),
    "segment": lambda value: quoted(str(value)),
}
