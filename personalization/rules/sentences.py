"""What a rule says, in English."""

from collections.abc import Callable, Mapping
from typing import Final

from personalization.rules.quoting import quoted, shown, spoken
from personalization.rules.tree import Condition, Fact, Group, Scalar, Value
from personalization.rules.wording import (
    AMOUNTS,
    CONTEXT_LABELS,
    DEEDS,
    DISTINCT_NOUNS,
    NOUNS,
    PHRASES,
    SESSION_LABELS,
    STAGE_WORDS,
    WEEKDAYS,
    amount,
    category_words,
    duration_words,
    event_noun,
    phrase,
    place_words,
    stated,
    window_words,
)

__all__ = (
    "AMOUNTS",
    "CONTEXT_LABELS",
    "JOINERS",
    "NOUNS",
    "PHRASES",
    "SUBJECTS",
    "WEEKDAYS",
    "condition_sentence",
    "event_noun",
    "group_sentence",
    "rule_sentence",
    "shown",
)

# Under what a group that stands for a segment is known.
SEGMENT_OF: Final[Mapping[str, str]] = {"all": "in_segment", "none": "not_in_segment"}
JOINERS: Final[Mapping[str, str]] = {"all": " and ", "any": " or ", "none": "; "}


def rule_sentence(rule: Group) -> str:
    """Return the whole rule as one sentence."""
    said = _group(rule)
    return f"{said[0].upper()}{said[1:]}."


def condition_sentence(condition: Condition) -> str:
    """Return one condition as a phrase that can stand after "Visitors with:"."""
    return SUBJECTS[condition.fact.kind](condition.fact, condition.operator, condition.value)


def group_sentence(group: Group) -> str:
    """Return a group as a phrase."""
    return _group(group)


def _group(group: Group) -> str:
    if group.segment is not None:
        return phrase(SEGMENT_OF[group.match], group.segment)
    phrases = [_member(member) for member in group.members]
    joined = JOINERS[group.match].join(phrases)
    if group.match == "none":
        return f"not {joined}" if len(phrases) == 1 else f"none of: {joined}"
    return joined


def _member(member: Condition | Group) -> str:
    if not isinstance(member, Group):
        return condition_sentence(member)
    return _group(member) if member.segment is not None else f"({_group(member)})"


def _count(fact: Fact, operator: str, value: Value) -> str:
    if (operator, value) == ("equals", 0):
        return _not_done(fact)
    noun = event_noun(fact.name, is_one=value == 1 and operator != "not_equals")
    return f"{amount(operator, value)} {noun}{place_words(fact)}{window_words(fact.days)}"


def _not_done(fact: Fact) -> str:
    deed = DEEDS.get(fact.name, f"had a {event_noun(fact.name, is_one=True)}")
    has_not = "has never" if fact.days is None else "has not"
    return f"{has_not} {deed}{place_words(fact)}{window_words(fact.days)}"


def _sum(fact: Fact, operator: str, value: Value) -> str:
    noun = f"{event_noun(fact.name)}{place_words(fact)}"
    return f"{noun} worth {_worth(operator, value)} in all{window_words(fact.days)}"


def _worth(operator: str, value: Value) -> str:
    prefix = "exactly " if operator == "equals" else ""
    return f"{prefix}{phrase(operator, value).removeprefix('is ')}"


def _one(word: str) -> Callable[[Fact, str, Value], str]:
    def sentence(fact: Fact, operator: str, value: Value) -> str:
        noun = event_noun(fact.name, is_one=True)
        if operator in PRICED:
            return f"{PRICED[operator].format(noun)}{window_words(fact.days)}"
        return f"{word} {noun} worth {_worth(operator, value)}{window_words(fact.days)}"

    return sentence


PRICED: Final[Mapping[str, str]] = {
    "is_set": "at least one {} with a price",
    "is_not_set": "no {} with a price",
}


def _days_since(fact: Fact, operator: str, value: Value) -> str:
    if operator in EVER:
        return EVER[operator].format(event_noun(fact.name, is_one=True))
    words = amount(operator, value).removesuffix(" of")
    days = "day" if value == 1 else "days"
    return f"latest {event_noun(fact.name, is_one=True)} {words} {days} ago"


def _moment(word: str) -> Callable[[Fact, str, Value], str]:
    def sentence(fact: Fact, operator: str, value: Value) -> str:
        noun = event_noun(fact.name, is_one=True)
        if operator in EVER:
            return EVER[operator].format(noun)
        return f"{word} {noun} {phrase(operator, value).removeprefix('is ')}"

    return sentence


EVER: Final[Mapping[str, str]] = {
    "is_set": "at least one {} ever",
    "is_not_set": "no {} ever",
}


def _distinct(fact: Fact, operator: str, value: Value) -> str:
    one, several = DISTINCT_NOUNS[str(fact.of)]
    noun = one if value == 1 and operator != "not_equals" else several
    events = event_noun(fact.name)
    return f"{events} of {amount(operator, value)} {noun}{window_words(fact.days)}"


def _sequence(fact: Fact, operator: str, _: Value) -> str:
    first = f"{event_noun(fact.name, is_one=True)}{place_words(fact)}{window_words(fact.days)}"
    place = category_words(fact.then_category)
    then = f"{event_noun(str(fact.then), is_one=True)}{place}"
    within = duration_words(int(fact.minutes or 0))
    if operator == "done":
        return f"{first} followed by {then} within {within}"
    return f"latest {first} not followed by {then} within {within}"


def _session(fact: Fact, operator: str, value: Value) -> str:
    return f"{SESSION_LABELS[fact.name]} {phrase(operator, value)}"


def _in_session(fact: Fact, operator: str, value: Value) -> str:
    noun = event_noun(fact.name, is_one=value == 1 and operator != "not_equals")
    return f"{amount(operator, value)} {noun} in this visit"


def _lifecycle(_: Fact, operator: str, value: Value) -> str:
    return f"life with the shop {phrase(operator, _stages(value))}"


def _stages(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(STAGE_WORDS.get(str(stage), stage) for stage in value)
    return None if value is None else STAGE_WORDS.get(str(value), value)


def _score(fact: Fact, operator: str, value: Value) -> str:
    return f"score {spoken(fact.name)} {phrase(operator, value)}"


def _persona(_: Fact, operator: str, value: Value) -> str:
    return f"persona {phrase(operator, value)}"


def _consent(fact: Fact, operator: str, value: Value) -> str:
    return f"{phrase(operator, value)} {spoken(fact.name)}"


def _location(_: Fact, operator: str, value: Value) -> str:
    return f"location {phrase(operator, value)}"


def _trait(fact: Fact, operator: str, value: Value) -> str:
    name = spoken(fact.name)
    if name in OTHER_SUBJECTS or name.startswith("score "):
        name = f"trait {quoted(fact.name)}"
    return f"{name} {phrase(operator, value)}"


# What begins the sentences of other facts; a trait may be called so too.
OTHER_SUBJECTS: Final = frozenset(
    (
        "persona",
        "location",
        "life with the shop",
        *SESSION_LABELS.values(),
        *CONTEXT_LABELS.values(),
    )
)


def _context(fact: Fact, operator: str, value: Value) -> str:
    if fact.name == "weekday":
        value = _weekdays(value)
    return f"{CONTEXT_LABELS[fact.name]} {phrase(operator, value)}"


def _percentage(fact: Fact, operator: str, value: Value) -> str:
    share = stated(operator, value)
    return f"{SHARES[operator].format(share)} of profiles, as drawn for {quoted(fact.name)}"


SHARES: Final[Mapping[str, str]] = {
    "less": "among the first {} %",
    "at_least": "not among the first {} %",
}


def _list(fact: Fact, operator: str, _: Value) -> str:
    return LISTED[operator].format(quoted(fact.name))


LISTED: Final[Mapping[str, str]] = {
    "is_set": "on the list {}",
    "is_not_set": "not on the list {}",
}


def _segment(_: Fact, operator: str, value: Value) -> str:
    return phrase(operator, value)


SUBJECTS: Final[dict[str, Callable[[Fact, str, Value], str]]] = {
    "count": _count,
    "sum": _sum,
    "average": _one("average"),
    "minimum": _one("smallest"),
    "maximum": _one("largest"),
    "days_since": _days_since,
    "first": _moment("first"),
    "last": _moment("latest"),
    "distinct": _distinct,
    "sequence": _sequence,
    "session": _session,
    "in_session": _in_session,
    "lifecycle": _lifecycle,
    "score": _score,
    "persona": _persona,
    "consent": _consent,
    "location": _location,
    "trait": _trait,
    "context": _context,
    "percentage": _percentage,
    "list": _list,
    "segment": _segment,
}


def _weekdays(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(_weekday(day) for day in value)
    return value if value is None else _weekday(value)


def _weekday(day: Scalar) -> Scalar:
    return WEEKDAYS[day] if isinstance(day, int) and day in range(7) else day
