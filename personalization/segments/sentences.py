"""What a rule says, in English."""

from collections.abc import Callable, Mapping
from typing import Final

from personalization.segments.rules import Condition, Fact, Group, Scalar, Value

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
CONTEXT_LABELS: Final[Mapping[str, str]] = {
    "device": "device",
    "category": "category being viewed",
    "page": "page address",
    "referrer": "where the visit came from",
    "campaign": "campaign",
    "hour": "hour of the day (UTC)",
    "weekday": "day of the week",
}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# How an operator reads after the name of a trait, and before an amount. A trait's "amount" reads
# like a phrase too, so the second table has only what numbers are compared with.
PHRASES: Final[Mapping[str, str]] = {
    "equals": "is {}",
    "not_equals": "is not {}",
    "greater": "is more than {}",
    "at_least": "is at least {}",
    "less": "is less than {}",
    "at_most": "is at most {}",
    "in": "is {}",
    "not_in": "is none of {}",
    "contains": "contains {}",
    "begins": "begins with {}",
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
}
JOINERS: Final[Mapping[str, str]] = {"all": " and ", "any": " or ", "none": "; "}


def rule_sentence(rule: Group) -> str:
    """Return the whole rule as one sentence."""
    phrase = _group(rule)
    return f"{phrase[0].upper()}{phrase[1:]}."


def condition_sentence(condition: Condition) -> str:
    """Return one condition as a phrase that can stand after "Visitors with:"."""
    return SUBJECTS[condition.fact.kind](condition.fact, condition.operator, condition.value)


def group_sentence(group: Group) -> str:
    """Return a group as a phrase."""
    return _group(group)


def event_noun(event: str, *, is_one: bool = False) -> str:
    """Return what an event of this type is called."""
    spoken = event.replace("_", " ")
    one, several = NOUNS.get(event, (f"“{spoken}” event", f"“{spoken}” events"))
    return one if is_one else several


def shown(value: Scalar) -> str:
    """Return a value as a person writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value}”" if _needs_quotes(value) else value
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def _group(group: Group) -> str:
    phrases = [
        f"({_group(member)})" if isinstance(member, Group) else condition_sentence(member)
        for member in group.members
    ]
    joined = JOINERS[group.match].join(phrases)
    if group.match == "none":
        return f"not {joined}" if len(phrases) == 1 else f"none of: {joined}"
    return joined


def _count(fact: Fact, operator: str, value: Value) -> str:
    noun = event_noun(fact.name, is_one=value == 1 and operator != "not_equals")
    place = f" in {fact.category}" if fact.category else ""
    if (operator, value) == ("equals", 0):
        return f"no {event_noun(fact.name)}{place}{_window(fact)}"
    return f"{AMOUNTS[operator].format(_listed(value))} {noun}{place}{_window(fact)}"


def _sum(fact: Fact, operator: str, value: Value) -> str:
    amount = PHRASES[operator].format(_listed(value)).removeprefix("is ")
    prefix = "exactly " if operator == "equals" else ""
    return f"{event_noun(fact.name)} worth {prefix}{amount} in all{_window(fact)}"


def _days_since(fact: Fact, operator: str, value: Value) -> str:
    if operator == "is_set":
        return f"at least one {event_noun(fact.name, is_one=True)} ever"
    if operator == "is_not_set":
        return f"no {event_noun(fact.name, is_one=True)} ever"
    amount = AMOUNTS[operator].format(_listed(value)).removesuffix(" of")
    days = "day" if value == 1 else "days"
    return f"latest {event_noun(fact.name, is_one=True)} {amount} {days} ago"


def _trait(fact: Fact, operator: str, value: Value) -> str:
    return f"{fact.name.replace('_', ' ')} {PHRASES[operator].format(_listed(value))}"


def _context(fact: Fact, operator: str, value: Value) -> str:
    if fact.name == "weekday":
        value = _weekdays(value)
    return f"{CONTEXT_LABELS[fact.name]} {PHRASES[operator].format(_listed(value))}"


SUBJECTS: Final[Mapping[str, Callable[[Fact, str, Value], str]]] = {
    "count": _count,
    "sum": _sum,
    "days_since": _days_since,
    "trait": _trait,
    "context": _context,
}


def _window(fact: Fact) -> str:
    if fact.days is None:
        return ""
    return " today" if fact.days == 1 else f" in the last {fact.days} days"


def _weekdays(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(WEEKDAYS[int(day)] for day in value)
    return WEEKDAYS[value] if isinstance(value, int) and value in range(7) else value


def _listed(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, tuple):
        return shown(value)
    *first, last = [shown(one) for one in value]
    return f"{', '.join(first)} or {last}" if first else last


def _needs_quotes(text: str) -> bool:
    is_like_number = text.replace(".", "", 1).replace(",", "").lstrip("-").isdigit()
    return is_like_number or "," in text or text.lower() in ("true", "false")
