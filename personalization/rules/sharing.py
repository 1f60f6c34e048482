"""What many rules have in common at their top, so that it is asked once for all of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from personalization.rules.tree import Condition, Group

Member = Condition | Group
Rules = Mapping[str, Group]

# How often an operator holds, roughly. A wrong guess costs time, never an answer.
OFTEN: Final = 0.9
SELDOM: Final = 0.2
HOLDS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("not_equals", "not_in", "has_none", "is_set", "beyond_km"), OFTEN),
    **dict.fromkeys(("equals", "in", "between", "contains", "begins", "ends", "matches"), SELDOM),
    **dict.fromkeys(("has_some", "has_all", "within_km", "done", "is_not_set"), SELDOM),
}


@dataclass(frozen=True, slots=True)
class Shared:
    """A member of several rules of one kind, and what each of them asks besides."""

    match: str
    member: Member
    rules: Rules


def shared_among(rules: Rules) -> list[Shared]:
    """Return the rules by what they share, each once; those alone in it are left out.

    What spares most questions comes first: where it fails a rule of "all" is done with, where it
    holds one of "any" or of "none".
    """
    found: list[Shared] = []
    for match in ("all", "any", "none"):
        of_kind = {key: rule for key, rule in rules.items() if rule.match == match}
        found.extend(_shared(match, of_kind))
    return found


def _shared(match: str, rules: Rules) -> Iterator[Shared]:
    asked: dict[str, Member] = {}
    asking: dict[str, list[str]] = {}
    for key, rule in rules.items():
        for told, member in {repr(one): one for one in rule.members}.items():
            asked[told] = member
            asking.setdefault(told, []).append(key)
    left = dict(rules)
    for told in sorted(asking, key=lambda one: -_spared(match, asked[one], len(asking[one]))):
        keys = [key for key in asking[told] if key in left]
        if len(keys) > 1:
            yield Shared(match, asked[told], {key: _without(left.pop(key), told) for key in keys})


def _spared(match: str, member: Member, rules: int) -> float:
    holds = HOLDS.get(member.operator, 0.5) if isinstance(member, Condition) else 0.5
    return rules * (1 - holds if match == "all" else holds)


def _without(rule: Group, told: str) -> Group:
    # As it is told: True and 1 are equal, and no rule takes one for the other.
    return Group(rule.match, tuple(one for one in rule.members if repr(one) != told))
