"""Find conditions that can never hold together, and parts of a rule that always hold."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from personalization.rules.parsing import Fact, Group, Rule
from personalization.rules.sentences import condition_sentence, group_sentence
from personalization.rules.supposing import Member, facts_of, outcomes


def can_never_hold(member: Member) -> bool:
    """Whether nobody at all could pass; False where that cannot be known."""
    if not isinstance(member, Group):
        return outcomes([member]) == {False}
    if member.match == "any":
        return all(can_never_hold(one) for one in member.members)
    if member.match == "none" and any(always_holds(one) for one in member.members):
        return True
    has_clash = any(True for _ in _clashes(member))
    return has_clash or (member.match == "all" and any(map(can_never_hold, member.members)))


def always_holds(member: Member) -> bool:
    """Whether everybody passes; False where that cannot be known."""
    if len(facts_of(member)) == 1 and outcomes([member]) == {True}:
        return True
    if not isinstance(member, Group):
        return False
    if member.match == "any":
        return any(map(always_holds, member.members))
    holds = always_holds if member.match == "all" else can_never_hold
    return all(map(holds, member.members))


def impossible_parts(rule: Rule) -> list[str]:
    """Return, as sentences, which conditions exclude each other or can hold for nobody."""
    found = [_together(clash) for group in _groups(rule) for clash in _clashes(group)]
    return list(dict.fromkeys(found))


def needless_parts(rule: Rule) -> list[str]:
    """Return, as phrases, the conditions that hold for everybody."""
    needless = (one for one in rule.conditions() if always_holds(one))
    return list(dict.fromkeys(condition_sentence(one) for one in needless))


def _groups(group: Group) -> Iterator[Group]:
    yield group
    for member in group.members:
        if isinstance(member, Group):
            yield from _groups(member)


def _clashes(group: Group) -> Iterator[Sequence[Member]]:
    """Yield the smallest sets of members, each set about one fact, that exclude each other."""
    if group.match == "any":
        return
    about: dict[Fact, list[Member]] = {}
    for member in _required(group):
        facts = facts_of(member)
        if len(facts) == 1:
            about.setdefault(facts.pop(), []).append(member)
    for members in about.values():
        if outcomes(members) == {False}:
            yield _smallest(members)


def _required(group: Group) -> Iterator[Member]:
    """Yield members that must all hold; a member of "none" is wrapped in a "none" of its own."""
    for member in group.members:
        if group.match == "none":
            yield Group("none", (member,))
        elif isinstance(member, Group) and member.match != "any":
            yield from _required(member)
        else:
            yield member


def _smallest(members: Sequence[Member]) -> Sequence[Member]:
    for length in (1, 2):
        for some in combinations(members, length):
            if outcomes(some) == {False}:
                return some
    return members


def _together(members: Sequence[Member]) -> str:
    said = [f"“{_said(member)}”" for member in members]
    if len(said) == 1:
        return f"{said[0]} can hold for nobody"
    return f"{', '.join(said[:-1])} and {said[-1]} cannot hold together"


def _said(member: Member) -> str:
    return group_sentence(member) if isinstance(member, Group) else condition_sentence(member)
