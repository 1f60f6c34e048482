"""A rule read as a Python function, at decision time, and as a trace of why it held or not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalization.segments.comparing import Matcher, matcher_of, shortfall
from personalization.segments.reading import Known
from personalization.segments.references import Resolve, inlined, no_segments
from personalization.segments.sentences import condition_sentence, group_sentence, rule_sentence
from personalization.segments.tree import Condition, Group, Rule, Scalar

__all__ = ("COMBINE", "HOLDS", "CompiledRule", "Known", "Matcher", "Verdict", "compile_rule")


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


def compile_rule(rule: Rule, *, resolve: Resolve = no_segments) -> CompiledRule:
    """Return the rule as something that answers at once.

    `resolve` finds the segments it names. Raises RuleError where one cannot be put in its place.
    """
    whole = inlined(rule, resolve=resolve)
    return CompiledRule(
        rule=whole,
        matches=_compile_group(whole),
        sentence=rule_sentence(rule),
        reads_profile=any(not one.fact.is_context for one in whole.conditions()),
    )


def _compile_group(group: Group) -> Matcher:
    members = tuple(
        _compile_group(member) if isinstance(member, Group) else matcher_of(member)
        for member in group.members
    )
    return COMBINE[group.match](members)


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
    holds = matcher_of(condition)(known)
    return Verdict(
        holds=holds,
        sentence=condition_sentence(condition),
        actual=actual,
        shortfall=None if holds else shortfall(condition, actual),
    )
