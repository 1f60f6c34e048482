"""Find what nobody and what everybody fulfils in a rule: mistakes a marketer wants to hear of.

It finds what follows from the conditions themselves, where those about one fact stand together.
What only the population can tell is not asked here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from personalization.rules.bounding import is_possible, opposite
from personalization.rules.sentences import condition_sentence, group_sentence
from personalization.rules.supposing import Member, conditions_of, facts_of, outcomes
from personalization.rules.tree import Condition, Fact, Group, Rule, Value
from personalization.rules.vocabulary import MEMBER

NOBODY: Final = "Nobody can fulfil this."
NOBODY_BOTH: Final = "Nobody can fulfil this and also: {others}."
EVERYBODY: Final = "Everybody fulfils this, so it changes nothing."
EVERYBODY_EITHER: Final = "Everybody fulfils this or: {others}."
# The same of a member of "none", at whose row the condition is read without its "not".
WITHIN_NONE: Final[Mapping[str, str]] = {
    NOBODY: "Everybody fulfils this, so nobody is left.",
    NOBODY_BOTH: "Nobody is without this and also: {others}.",
    EVERYBODY: "Nobody can fulfil this, so leaving them out changes nothing.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd about the member at this place, such as `all[1]`.

    `message` is read there, `sentence` anywhere. `is_impossible` tells what nobody fulfils from
    what everybody does.
    """

    path: str
    message: str
    sentence: str
    is_impossible: bool


@dataclass(frozen=True, slots=True)
class _Placed:
    """A member and where it stands; one of "none" is wrapped in a "none" of its own."""

    path: str
    member: Member
    is_excluded: bool = False

    @property
    def is_group(self) -> bool:
        """Whether it says within itself what is odd about it."""
        member = self.member
        stated = member.members[0] if self.is_excluded and isinstance(member, Group) else member
        return isinstance(stated, Group)

    def finding(self, message: str, sentence: str, *, is_impossible: bool) -> Finding:
        said = WITHIN_NONE.get(message, message) if self.is_excluded else message
        return Finding(self.path, said, sentence, is_impossible)


def find_contradictions(rule: Rule) -> tuple[Finding, ...]:
    """Return what nobody and what everybody fulfils, in the order of the rule."""
    return tuple(_group(rule, ""))


def can_never_hold(member: Member) -> bool:
    """Whether nobody at all could pass; False where that cannot be known."""
    if not isinstance(member, Group):
        return _is_impossible([member])
    if member.match == "any":
        return all(map(can_never_hold, member.members))
    if member.match == "none" and any(map(always_holds, member.members)):
        return True
    has_clash = any(_is_impossible(some) for some in _by_fact(_required(member, "")))
    return has_clash or (member.match == "all" and any(map(can_never_hold, member.members)))


def always_holds(member: Member) -> bool:
    """Whether everybody passes; False where that cannot be known."""
    if len(facts_of(member)) == 1 and _is_certain([member]):
        return True
    if not isinstance(member, Group):
        return False
    if member.match == "any":
        either = any(_is_certain(some) for some in _by_fact(_alternatives(member, "")))
        return either or any(map(always_holds, member.members))
    holds = always_holds if member.match == "all" else can_never_hold
    return all(map(holds, member.members))


def _is_impossible(members: Sequence[Member]) -> bool:
    """Whether members about one fact leave nobody."""
    if outcomes(members) == {False}:
        return True
    plain = [_plain(one) for one in members]
    return None not in plain and not is_possible([one for one in plain if one])


def _is_certain(members: Sequence[Member]) -> bool:
    """Whether everybody fulfils one of these members about one fact."""
    if outcomes([Group("any", tuple(members))]) == {True}:
        return True
    plain = [_plain(Group("none", (one,))) for one in members]
    return None not in plain and not is_possible([one for one in plain if one])


def _plain(member: Member) -> Condition | None:
    """Return the member as one condition; None where it is more."""
    if not isinstance(member, Group):
        return member
    if len(member.members) > 1:
        return None
    inner = _plain(member.members[0])
    return opposite(inner) if inner and member.match == "none" else inner


def _group(group: Group, path: str) -> Iterator[Finding]:
    find, placed = (
        (_either, _alternatives(group, path))
        if group.match == "any"
        else (_together, _required(group, path))
    )
    for of_one_fact in _placed_by_fact(placed):
        yield from find(of_one_fact)
    for path_of, inner in _inner_groups(group, path):
        yield from _group(inner, f"{path_of}.")


def _required(group: Group, path: str) -> Iterator[_Placed]:
    """Yield members that must all hold, those of groups within among them."""
    for place, member in _members(group, path):
        if group.match == "none":
            yield _Placed(place, Group("none", (member,)), is_excluded=True)
        elif isinstance(member, Group) and member.match != "any":
            yield from _required(member, f"{place}.")
        else:
            yield _Placed(place, member)


def _alternatives(group: Group, path: str) -> Iterator[_Placed]:
    for place, member in _members(group, path):
        yield _Placed(place, member)


def _inner_groups(group: Group, path: str) -> Iterator[tuple[str, Group]]:
    """Yield the groups whose members were not looked at with those of this one."""
    for place, member in _members(group, path):
        if not isinstance(member, Group):
            continue
        if group.match == "all" and member.match != "any":
            yield from _inner_groups(member, f"{place}.")
        else:
            yield place, member


def _members(group: Group, path: str) -> Iterator[tuple[str, Member]]:
    for number, member in enumerate(group.members):
        yield f"{path}{group.match}[{number}]", member


def _by_fact(placed: Iterable[_Placed]) -> list[list[Member]]:
    return [[one.member for one in some] for some in _placed_by_fact(placed)]


def _placed_by_fact(placed: Iterable[_Placed]) -> list[list[_Placed]]:
    found: dict[tuple[Fact, Value], list[_Placed]] = {}
    for one in placed:
        # Segments are one kind of fact; which segment is in the value.
        read = {
            (condition.fact, condition.value if condition.operator in MEMBER else None)
            for condition in conditions_of(one.member)
        }
        if len(read) == 1:
            found.setdefault(read.pop(), []).append(one)
    return list(found.values())


def _together(placed: Sequence[_Placed]) -> Iterator[Finding]:
    """Yield what all of them together leave nobody for, and what each alone asks of everybody."""
    before: list[Member] = []
    for one in placed:
        if alone := _alone(one):
            yield from () if one.is_group else (alone,)
        elif others := _culprits(before, one.member):
            sentence = f"{_listed([*others, one.member])} cannot hold together"
            message = NOBODY_BOTH.format(others=_plainly(others))
            yield one.finding(message, sentence, is_impossible=True)
        else:
            before.append(one.member)


def _either(placed: Sequence[_Placed]) -> Iterator[Finding]:
    """Yield what one of them always holds of everybody."""
    before: list[Member] = []
    for one in placed:
        if alone := _alone(one):
            yield from () if one.is_group else (alone,)
        elif others := _leaving_nobody_out(before, one.member):
            sentence = f"{_listed([*others, one.member], 'or')} holds for everybody"
            message = EVERYBODY_EITHER.format(others=_plainly(others))
            yield one.finding(message, sentence, is_impossible=False)
        else:
            before.append(one.member)


def _alone(one: _Placed) -> Finding | None:
    if _is_impossible([one.member]):
        sentence = f"{_listed([one.member])} can hold for nobody"
        return one.finding(NOBODY, sentence, is_impossible=True)
    if _is_certain([one.member]):
        sentence = f"{_listed([one.member])} holds for everybody"
        return one.finding(EVERYBODY, sentence, is_impossible=False)
    return None


def _culprits(before: Sequence[Member], member: Member) -> list[Member]:
    """Return the fewest known members that exclude this one."""
    for one in before:
        if _is_impossible([one, member]):
            return [one]
    return list(before) if _is_impossible([*before, member]) else []


def _leaving_nobody_out(before: Sequence[Member], member: Member) -> list[Member]:
    """Return the fewest known members of which everybody fulfils one, or else this one."""
    for one in before:
        if _is_certain([one, member]):
            return [one]
    return list(before) if _is_certain([*before, member]) else []


def _listed(members: Sequence[Member], word: str = "and") -> str:
    said = [f"“{_said(member)}”" for member in members]
    return f" {word} ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def _plainly(members: Sequence[Member]) -> str:
    return " and ".join(_said(one) for one in members)


def _said(member: Member) -> str:
    return group_sentence(member) if isinstance(member, Group) else condition_sentence(member)
