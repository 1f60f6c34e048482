"""Segments that a rule names: each is put in its place, so that no reading meets a reference."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from personalization.rules.calling import NO_NAMES
from personalization.rules.parsing import parse_rule
from personalization.rules.tree import Condition, Group, Rule, RuleError

# Return the rule of a segment; None where there is no such segment.
Resolve = Callable[[str], Rule | None]

MAX_NESTED: Final = 5
MAX_INLINED: Final = 1_000
# How the members of what is put in a condition's place combine.
MEMBERSHIP: Final[Mapping[str, str]] = {"in_segment": "all", "not_in_segment": "none"}


def inlined(
    rule: Rule, *, resolve: Resolve, key: str = "", names: Mapping[str, str] = NO_NAMES
) -> Rule:
    """Return the rule with the rules of the segments it names in their place.

    `key` is the segment's own, so that a circle through it is found; `names` are what segments are
    called in what is raised. Raises RuleError, at the condition, where a segment is missing, leads
    back to itself, or there is too much to put in.
    """
    return _Inliner(resolve, names).group(rule, path="", within=(key,) if key else ())


def no_segments(_: str) -> None:
    """Resolve nothing: for rules that may name no segment."""


def among(definitions: Mapping[str, Any]) -> Resolve:
    """Return what resolves segments of a published document, each read once."""

    @cache
    def resolve(key: str) -> Rule | None:
        definition = definitions.get(key)
        return None if definition is None else parse_rule(definition["rule"])

    return resolve


def named_in(whole: Rule) -> Iterator[str]:
    """Yield the keys of the segments that were put into a rule, however deep."""
    for member in whole.members:
        if isinstance(member, Group):
            if member.segment is not None:
                yield member.segment
            yield from named_in(member)


class _Inliner:
    """One walk through a rule, which ends before what it puts in grows without bounds."""

    def __init__(self, resolve: Resolve, names: Mapping[str, str]) -> None:
        self._resolve = resolve
        self._names = names
        self._left = MAX_INLINED

    def group(self, group: Group, *, path: str, within: tuple[str, ...]) -> Group:
        members = (
            self._member(member, path=f"{path}{group.match}[{number}]", within=within)
            for number, member in enumerate(group.members)
        )
        return Group(group.match, tuple(members), group.segment)

    def _member(
        self, member: Condition | Group, *, path: str, within: tuple[str, ...]
    ) -> Condition | Group:
        if isinstance(member, Group):
            return self.group(member, path=f"{path}.", within=within)
        if member.operator in MEMBERSHIP:
            return self._segment(member, path=f"{path}.value", within=within)
        self._left -= 1
        if self._left < 0:
            said = f"With the segments it names, the rule has more than {MAX_INLINED:,} conditions."
            raise RuleError("", said)
        return member

    def _segment(self, condition: Condition, *, path: str, within: tuple[str, ...]) -> Group:
        key = str(condition.value)
        rule = self._rule(key, path=path, within=within)
        try:
            inner = self.group(rule, path="", within=(*within, key))
        except RuleError as error:
            # The place is that of the condition in the rule at hand, not one inside another.
            raise RuleError(path, error.message) from error
        return Group(MEMBERSHIP[condition.operator], (inner,), segment=key)

    def _rule(self, key: str, *, path: str, within: tuple[str, ...]) -> Rule:
        if key in within:
            around = (*within[within.index(key) :], key)
            circle = " → ".join(self._names.get(one, one) for one in around)
            raise RuleError(path, f"These segments lead in a circle: {circle}.")
        if len(within) > MAX_NESTED:
            raise RuleError(path, f"Segments name segments at most {MAX_NESTED} deep.")
        try:
            rule = self._resolve(key)
        except RuleError as error:
            name = self._names.get(key, key)
            raise RuleError(path, f"The segment “{name}” cannot be read: {error}") from error
        if rule is None:
            raise RuleError(path, f"There is no segment “{key}”.")
        return rule
