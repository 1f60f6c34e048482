"""How several segments overlap: every combination of them with its size, in one scan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Final

from personalization.census.counting import count_combinations
from personalization.rules.parsing import Rule
from personalization.rules.references import Resolve, inlined
from personalization.segments.models import saved_rule

MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Combination:
    """Profiles that are in exactly these segments and in no other of those compared."""

    keys: frozenset[str]
    profiles: int


@dataclass(frozen=True, slots=True)
class Overlaps:
    """`combinations` largest first, without those who are in none; `total` counts everybody."""

    total: int
    sizes: Mapping[str, int]
    combinations: tuple[Combination, ...]

    def both(self, one: str, other: str) -> int:
        """Return how many are in both."""
        return sum(each.profiles for each in self.combinations if {one, other} <= each.keys)

    def pairs(self) -> list[tuple[str, str, int]]:
        """Return each pair with how many are in both, the largest overlap first."""
        found = [(one, other, self.both(one, other)) for one, other in combinations(self.sizes, 2)]
        return sorted(found, key=lambda pair: -pair[2])

    def known(self, part: Callable[[int], int]) -> "Overlaps":
        """Return them as known to someone who knows `part(number)` of the number of each part.

        Sizes and pairs are sums of these, in the order of these: they tell no more.
        """
        found = [Combination(one.keys, part(one.profiles)) for one in self.combinations]
        nowhere = self.total - sum(one.profiles for one in self.combinations)
        return _summed(found, nowhere=part(nowhere), keys=list(self.sizes))


def overlaps(
    *, rules: Mapping[str, Rule], now: datetime, resolve: Resolve = saved_rule
) -> Overlaps:
    """Count every combination of at most eight segments; one scan.

    Where a rule reads the visit, every visit is taken to fulfil it.
    """
    if not 1 <= len(rules) <= MOST:
        raise ValueError(f"Compare 1 to {MOST} segments.")
    whole = [inlined(rule, resolve=resolve) for rule in rules.values()]
    return _read(count_combinations(rules=whole, now=now), list(rules))


def _read(counted: Mapping[int, int], keys: list[str]) -> Overlaps:
    found = [
        Combination(frozenset(key for bit, key in enumerate(keys) if mask >> bit & 1), profiles)
        for mask, profiles in counted.items()
    ]
    named = [one for one in found if one.keys]
    return _summed(named, nowhere=counted.get(0, 0), keys=keys)


def _summed(found: list[Combination], *, nowhere: int, keys: list[str]) -> Overlaps:
    return Overlaps(
        total=nowhere + sum(one.profiles for one in found),
        sizes={key: sum(one.profiles for one in found if key in one.keys) for key in keys},
        combinations=tuple(sorted(found, key=lambda one: (-one.profiles, sorted(one.keys)))),
    )
