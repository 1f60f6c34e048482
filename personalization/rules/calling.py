"""What segments are called where a rule is said: by their names, while rules keep their keys."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from personalization.rules.folding import fold
from personalization.rules.tree import Condition, Group, Rule
from personalization.rules.vocabulary import MEMBER

NO_NAMES: Final[Mapping[str, str]] = {}


class Names(Mapping[str, str]):
    """What each segment is called, by its key; one that another could be taken for with its key.

    `read` returns their names. It is asked once, when the first is looked up.
    """

    def __init__(self, read: Callable[[], Mapping[str, str]]) -> None:
        self._read = read

    def __getitem__(self, key: str) -> str:
        """Return what the segment with this key is called."""
        return self._called[key]

    def __iter__(self) -> Iterator[str]:
        """Yield every key."""
        return iter(self._called)

    def __len__(self) -> int:
        """Return how many segments there are."""
        return len(self._called)

    @cached_property
    def own(self) -> Mapping[str, str]:
        """The name of each as it is, by its key."""
        return self._read()

    @cached_property
    def _called(self) -> Mapping[str, str]:
        names = self.own
        taken = Counter(map(fold, names.values()))
        taken.update(key for key, name in names.items() if fold(name) != key)
        return {
            key: name if taken[fold(name)] == 1 else f"{name} ({key})"
            for key, name in names.items()
        }


def names_among(definitions: Mapping[str, Any]) -> Names:
    """Return what the segments of a published document are called."""
    return Names(lambda: {key: one["name"] for key, one in definitions.items()})


def called(rule: Rule, names: Mapping[str, str]) -> Rule:
    """Return the rule with what each segment is called in place of its key.

    It is for sentences. A key that is not among the names stays.
    """
    members = tuple(
        called(one, names) if isinstance(one, Group) else _condition(one, names)
        for one in rule.members
    )
    segment = None if rule.segment is None else names.get(rule.segment, rule.segment)
    return Group(rule.match, members, segment)


def _condition(condition: Condition, names: Mapping[str, str]) -> Condition:
    if condition.operator not in MEMBER:
        return condition
    key = str(condition.value)
    return replace(condition, value=names.get(key, key))
