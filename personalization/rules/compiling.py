"""A rule read as a Python function, at decision time, and as a trace of why it held or not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from personalization.rules.calling import NO_NAMES, called
from personalization.rules.comparing import shortfall
from personalization.rules.generating import Matcher, matcher_of
from personalization.rules.reading import Actual, Known
from personalization.rules.references import Resolve, inlined, no_segments
from personalization.rules.sentences import condition_sentence, group_sentence, rule_sentence
from personalization.rules.tree import Condition, Group, Rule

__all__ = ("HOLDS", "CompiledRule", "Known", "Matcher", "Verdict", "compile_rule")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition or a group held, and how far a condition was from holding.

    `actual` is None where the fact is missing. `shortfall` is in the fact's unit, and None where
    it held or nearness has no meaning. Only a group has `match` and `members`.
    """

    holds: bool
    sentence: str
    actual: Actual = None
    shortfall: float | None = None
    match: str | None = None
    members: "tuple[Verdict, ...]" = ()


@dataclass(frozen=True)
class CompiledRule:
    """A rule ready to judge; what nobody asks of it costs nothing.

    `said` and `stated` have what segments are called instead of their keys; `stated` has none put
    in their place.
    """

    rule: Rule
    said: Rule
    stated: Rule

    @cached_property
    def matches(self) -> Matcher:
        """The rule as one function."""
        return matcher_of(self.rule)

    @cached_property
    def sentence(self) -> str:
        """The rule in English, with the segments it names."""
        return rule_sentence(self.stated)

    @cached_property
    def reads_profile(self) -> bool:
        """False where a visit's context is all it asks."""
        return any(one.fact.is_of_profile for one in self.rule.conditions())

    def made_ready(self) -> "CompiledRule":
        """Return it, with nothing left to do for the first who asks."""
        _ = self.matches, self.sentence, self.reads_profile
        return self

    def judge(self, known: Known) -> Verdict:
        """Return the verdict on every condition, not only on those that decided."""
        return _judge_group(self.said, known)


def compile_rule(
    rule: Rule, *, resolve: Resolve = no_segments, names: Mapping[str, str] = NO_NAMES
) -> CompiledRule:
    """Return the rule as something that answers.

    `resolve` finds the segments it names, `names` are what they are called. Raises RuleError where
    one cannot be put in its place.
    """
    whole = inlined(rule, resolve=resolve, names=names)
    return CompiledRule(whole, called(whole, names), called(rule, names))


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
    holds = matcher_of(Group("all", (condition,)))(known)
    return Verdict(
        holds=holds,
        sentence=condition_sentence(condition),
        actual=actual,
        shortfall=None if holds else shortfall(condition, actual),
    )
