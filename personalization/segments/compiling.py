"""A rule read as a Python function, at decision time, and as a trace of why it held or not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from personalization.profiles.facts import SECONDS_PER_DAY, Facts, count_within
from personalization.segments.folding import fold
from personalization.segments.rules import Condition, Fact, Group, Rule, Scalar, Value
from personalization.segments.sentences import condition_sentence, group_sentence, rule_sentence

# What is compared: folded text, a number, or a tuple that keeps True apart from 1. None: missing.
Comparable = str | int | float | tuple[bool] | None
Test = Callable[[Any], bool]
# The smallest step by which a fact of this kind can move.
STEPS: Final[Mapping[str, float]] = {"count": 1, "days_since": 1, "sum": 0.01}


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a visitor at one moment; each fact is read once, however many ask."""

    facts: Facts
    context: Mapping[str, Any]
    now: datetime
    _comparables: dict[str, Comparable] = field(default_factory=dict, repr=False, compare=False)

    def value(self, fact: Fact) -> Scalar | None:
        """Return the fact's value; None where it is missing."""
        return READ[fact.kind](fact, self)

    def comparable(self, fact: Fact, key: str) -> Comparable:
        """Return the fact's value in the form that is compared; `key` is `key_of(fact)`."""
        try:
            return self._comparables[key]
        except KeyError:
            return self._comparables.setdefault(key, comparable(self.value(fact)))


Matcher = Callable[[Known], bool]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition or a group held, and how far a condition was from holding.

    `actual` is None where the fact is missing. `shortfall` is in the fact's unit, and None where
    it held or nearness has no meaning. Only a group has `match` and `members`.
    """

    holds: bool
    sentence: str
    actual: Scalar | None = None
    shortfall: float | None = None
    match: str | None = None
    members: "tuple[Verdict, ...]" = ()


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to judge; `reads_profile` is False when a visit's context is all it asks."""

    rule: Rule
    matches: Matcher
    sentence: str
    reads_profile: bool

    def judge(self, known: Known) -> Verdict:
        """Return the verdict on every condition, not only on those that decided."""
        return _judge_group(self.rule, known)


def compile_rule(rule: Rule) -> CompiledRule:
    """Return the rule as something that answers at once."""
    return CompiledRule(
        rule=rule,
        matches=_compile_group(rule),
        sentence=rule_sentence(rule),
        reads_profile=any(not one.fact.is_context for one in rule.conditions()),
    )


def comparable(value: Scalar | None) -> Comparable:
    """Return a value in the form that is compared; blank text is missing."""
    if isinstance(value, str):
        return fold(value) or None
    return (value,) if isinstance(value, bool) else value


def key_of(fact: Fact) -> str:
    """Return what a fact is remembered under: a text, because it keeps its hash."""
    return repr(fact)


def _compile_group(group: Group) -> Matcher:
    members = tuple(
        _compile_group(member) if isinstance(member, Group) else _compile_condition(member)
        for member in group.members
    )
    return COMBINE[group.match](members)


def _compile_condition(condition: Condition) -> Matcher:
    fact, test, key = condition.fact, _test(condition), key_of(condition.fact)
    return lambda known: test(known.comparable(fact, key))


def _test(condition: Condition) -> Test:
    wanted: Any = condition.value
    if isinstance(wanted, tuple):
        return COMPARE[condition.operator](frozenset(comparable(one) for one in wanted))
    return COMPARE[condition.operator](comparable(wanted))


# Loops, not all() and any() over generators, which take twice as long.
def _all(members: tuple[Matcher, ...]) -> Matcher:
    def matches(known: Known) -> bool:
        for holds in members:  # noqa: SIM110
            if not holds(known):
                return False
        return True

    return members[0] if len(members) == 1 else matches


def _any(members: tuple[Matcher, ...]) -> Matcher:
    def matches(known: Known) -> bool:
        for holds in members:  # noqa: SIM110
            if holds(known):
                return True
        return False

    return members[0] if len(members) == 1 else matches


def _none(members: tuple[Matcher, ...]) -> Matcher:
    matches = _any(members)
    return lambda known: not matches(known)


COMBINE: Final[Mapping[str, Callable[[tuple[Matcher, ...]], Matcher]]] = {
    "all": _all,
    "any": _any,
    "none": _none,
}


def _number(compare: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    return lambda wanted: lambda actual: isinstance(actual, int | float) and compare(actual, wanted)


def _text(compare: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    return lambda wanted: lambda actual: isinstance(actual, str) and compare(actual, wanted)


COMPARE: Final[Mapping[str, Callable[[Any], Test]]] = {
    "equals": lambda wanted: lambda actual: actual == wanted,
    "not_equals": lambda wanted: lambda actual: actual is not None and actual != wanted,
    "greater": _number(lambda actual, wanted: actual > wanted),
    "at_least": _number(lambda actual, wanted: actual >= wanted),
    "less": _number(lambda actual, wanted: actual < wanted),
    "at_most": _number(lambda actual, wanted: actual <= wanted),
    "in": lambda wanted: lambda actual: actual in wanted,
    "not_in": lambda wanted: lambda actual: actual is not None and actual not in wanted,
    "contains": _text(lambda actual, wanted: wanted in actual),
    "begins": _text(lambda actual, wanted: actual.startswith(wanted)),
    "is_set": lambda _: lambda actual: actual is not None,
    "is_not_set": lambda _: lambda actual: actual is None,
}


def _read_count(fact: Fact, known: Known) -> Scalar:
    if fact.category is None:
        days = known.facts.get("counts", {}).get(fact.name, {})
    else:
        days = known.facts.get("categories", {}).get(fact.name, {}).get(fact.category, {})
    return count_within(days, window=fact.days, now=known.now)


def _read_sum(fact: Fact, known: Known) -> Scalar:
    days = known.facts.get("sums", {}).get(fact.name, {})
    return round(count_within(days, window=fact.days, now=known.now), 2)


def _read_days_since(fact: Fact, known: Known) -> Scalar | None:
    last = known.facts.get("last", {}).get(fact.name)
    if last is None:
        return None
    today: int = int(known.now.timestamp()) // SECONDS_PER_DAY
    return today - int(last) // SECONDS_PER_DAY


def _read_trait(fact: Fact, known: Known) -> Scalar | None:
    value: Scalar | None = known.facts.get("traits", {}).get(fact.name)
    return value


def _read_context(fact: Fact, known: Known) -> Scalar | None:
    value: Scalar | None = known.context.get(fact.name)
    return value


READ: Final[Mapping[str, Callable[[Fact, Known], Scalar | None]]] = {
    "count": _read_count,
    "sum": _read_sum,
    "days_since": _read_days_since,
    "trait": _read_trait,
    "context": _read_context,
}


def _judge_group(group: Group, known: Known) -> Verdict:
    members = tuple(
        _judge_group(member, known)
        if isinstance(member, Group)
        else _judge_condition(member, known)
        for member in group.members
    )
    return Verdict(
        holds=HOLDS[group.match](member.holds for member in members),
        sentence=group_sentence(group),
        match=group.match,
        members=members,
    )


HOLDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "all": all,
    "any": any,
    "none": lambda held: not any(held),
}


def _judge_condition(condition: Condition, known: Known) -> Verdict:
    actual = known.value(condition.fact)
    holds = _test(condition)(known.comparable(condition.fact, key_of(condition.fact)))
    return Verdict(
        holds=holds,
        sentence=condition_sentence(condition),
        actual=actual,
        shortfall=None if holds else _shortfall(condition, actual),
    )


def _shortfall(condition: Condition, actual: Scalar | None) -> float | None:
    value, step = condition.value, STEPS.get(condition.fact.kind, 0)
    if not (_is_number(actual) and _is_number(value)) or condition.operator not in MISSING_BY:
        return None
    return round(MISSING_BY[condition.operator](actual, value, step), 2)


MISSING_BY: Final[Mapping[str, Callable[[Any, Any, float], float]]] = {
    "equals": lambda actual, value, _: abs(value - actual),
    "greater": lambda actual, value, step: value + step - actual,
    "at_least": lambda actual, value, _: value - actual,
    "less": lambda actual, value, step: actual + step - value,
    "at_most": lambda actual, value, _: actual - value,
}


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
