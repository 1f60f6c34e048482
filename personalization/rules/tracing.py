"""Why someone is in a segment or not: the rule with each condition's value, verdict and nearness.

A condition on a visit of which nothing was stated is neither held nor failed, and a group that
hangs on it is not either.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from personalization.rules.compiling import CompiledRule, Known, Verdict
from personalization.rules.nearness import actual_sentence, nearness_sentence
from personalization.rules.parsing import Condition, Fact, Group, Rule


@dataclass(frozen=True, slots=True)
class Trace:
    """One condition or group; `holds` is None where it depends on the visit.

    Only a condition has `actual` and, where it missed and nearness means something, `nearness`;
    only a group has `match` and `members`, and `is_segment` where it stands for a segment named.
    """

    holds: bool | None
    sentence: str
    actual: str = ""
    nearness: str = ""
    match: str | None = None
    members: "tuple[Trace, ...]" = ()
    is_segment: bool = False

    def conditions(self) -> "Iterator[Trace]":
        """Yield every condition, however deep."""
        for member in self.members:
            if member.match is None:
                yield member
            else:
                yield from member.conditions()


def trace(compiled: CompiledRule, known: Known) -> Trace:
    """Return the verdict on every condition, with what `known.context` leaves out left open."""
    return _group(compiled.rule, compiled.judge(known), known, in_favour=True)


def holds_for(compiled: CompiledRule, known: Known) -> bool | None:
    """Return whether the rule matches; None where that depends on the visit."""
    if any(is_open(fact, known) for fact in open_facts(compiled.rule)):
        return trace(compiled, known).holds
    return compiled.matches(known)


def open_facts(rule: Rule) -> tuple[Fact, ...]:
    """Return what the rule reads that may be left open, each once."""
    facts = dict.fromkeys(condition.fact for condition in rule.conditions())
    return tuple(fact for fact in facts if fact.kind in OPEN)


def is_open(fact: Fact, known: Known) -> bool:
    """Whether nobody can tell this fact without a visit, or without a profile."""
    depends = OPEN.get(fact.kind)
    return depends is not None and depends(fact, known)


def _group(group: Group, verdict: Verdict, known: Known, *, in_favour: bool) -> Trace:
    # Inside "none" a miss is good news, so that no nearness is told there.
    favour = in_favour if group.match != "none" else not in_favour
    members = tuple(
        _group(member, judged, known, in_favour=favour)
        if isinstance(member, Group)
        else _condition(member, judged, known, in_favour=favour)
        for member, judged in zip(group.members, verdict.members, strict=True)
    )
    return Trace(
        holds=COMBINE[group.match]([member.holds for member in members]),
        sentence=verdict.sentence,
        match=group.match,
        members=members,
        is_segment=group.segment is not None,
    )


def _condition(condition: Condition, verdict: Verdict, known: Known, *, in_favour: bool) -> Trace:
    if is_open(condition.fact, known):
        on = "visit" if condition.fact.is_context else "profile"
        return Trace(None, verdict.sentence, actual=f"depends on the {on}")
    near = nearness_sentence(condition, actual=verdict.actual, shortfall=verdict.shortfall)
    return Trace(
        holds=verdict.holds,
        sentence=verdict.sentence,
        actual=actual_sentence(condition.fact, verdict.actual),
        nearness=near if in_favour else "",
    )


OPEN: Final[Mapping[str, Callable[[Fact, Known], bool]]] = {
    # A lot is drawn by the number of a profile; a golden visitor has none, and made no choices.
    "percentage": lambda _, known: known.profile_id is None,
    "consent": lambda _, known: known.choices is None,
    # A list names someone, and a golden visitor is nobody.
    "list": lambda _, known: known.profile_id is None,
    "context": lambda fact, known: fact.name not in known.context,
}


def _all(members: Sequence[bool | None]) -> bool | None:
    if False in members:
        return False
    return None if None in members else True


def _any(members: Sequence[bool | None]) -> bool | None:
    if True in members:
        return True
    return None if None in members else False


def _none(members: Sequence[bool | None]) -> bool | None:
    held = _any(members)
    return None if held is None else not held


COMBINE: Final[Mapping[str, Callable[[Sequence[bool | None]], bool | None]]] = {
    "all": _all,
    "any": _any,
    "none": _none,
}
