"""Whether a rule rules everybody out, whoever they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from personalization.rules.calling import NO_NAMES, called
from personalization.rules.contradicting import can_never_hold, find_contradictions
from personalization.rules.parsing import Rule
from personalization.rules.references import Resolve, inlined
from personalization.rules.tree import Condition, Group

EXCLUDED: Final = "its conditions exclude each other"


@dataclass(slots=True)
class Asked:
    """The segments one must be in, those one must not be in, and sets of which one is needed."""

    needed: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    choices: list[set[str]] = field(default_factory=list)


def why_nobody(
    rule: Rule, *, resolve: Resolve, key: str = "", names: Mapping[str, str] = NO_NAMES
) -> str:
    """Return why nobody at all can be in a segment with this rule; nothing where somebody may be.

    Only what follows from the conditions is found, not what today's profiles say. `names` are what
    segments are called. Raises RuleError.
    """
    whole = called(inlined(rule, resolve=resolve, key=key, names=names), names)
    reasons = [*_both_ways(called(rule, names))]
    if not reasons and can_never_hold(whole):
        reasons = [one.sentence for one in find_contradictions(whole) if one.is_impossible]
        reasons = list(dict.fromkeys(reasons)) or [EXCLUDED]
    return "; ".join(reasons)


def _both_ways(rule: Rule) -> Iterator[str]:
    asked = Asked()
    _collect(rule, asked)
    for name in sorted(asked.needed & asked.left_out):
        yield f"it asks for “{name}” and leaves “{name}” out"
    for names in asked.choices:
        if names <= asked.left_out:
            yield f"it leaves out all it offers: {', '.join(sorted(names))}"


def _collect(group: Group, asked: Asked) -> None:
    """Add what everybody must pass of this group, which everybody must pass."""
    if group.match == "any":
        named = [_named(one, "in_segment") for one in group.members]
        if all(named):
            asked.choices.append({name for name in named if name})
        return
    needs = group.match == "all"
    for one in group.members:
        into = _named(one, "in_segment")
        out_of = _named(one, "not_in_segment")
        if into:
            (asked.needed if needs else asked.left_out).add(into)
        if out_of:
            (asked.left_out if needs else asked.needed).add(out_of)
        if needs and isinstance(one, Group):
            _collect(one, asked)


def _named(member: Condition | Group, operator: str) -> str | None:
    if isinstance(member, Group) or member.operator != operator:
        return None
    return str(member.value)
