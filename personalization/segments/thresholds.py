"""What a number means with each way to compare, and how many are then meant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from personalization.segments.natural_breaks import Numbers


@dataclass(frozen=True, slots=True)
class Meaning:
    """Who is meant by a number: `words` says it.

    Where `is_beyond`, whoever has the very number lies on the other side of it than with the
    opposite: to part a group from those below, the number is the largest of those below.
    `is_upwards` tells "from here on" from "up to here"; neither for a single number.
    """

    holds: Callable[[Numbers, float], Any]
    words: str
    is_upwards: bool | None
    is_beyond: bool = False

    def count(self, values: Numbers, number: float) -> int:
        """Return how many of the values are meant."""
        return int(self.holds(values, number).sum())

    def parting(self, values: Numbers, number: float) -> float:
        """Return what to compare with, to part those from this number up from those below."""
        return float(values[values < number].max()) if self.is_beyond else number

    def of_bar(self, low: float, last: float, *, gap: float) -> float:
        """Return what to compare with, to mean a bar from `low` to `last` and all on its side.

        `gap` lies between the numbers there can be: 1 of whole ones, 0 of others.
        """
        if self.is_upwards is False:
            return last if self.is_beyond else last + gap
        return low - gap if self.is_beyond else low


AT_LEAST: Final = Meaning(np.greater_equal, "have at least that", is_upwards=True)
MEANINGS: Final[Mapping[str, Meaning]] = {
    "greater": Meaning(np.greater, "have more than that", is_upwards=True, is_beyond=True),
    "at_least": AT_LEAST,
    "less": Meaning(np.less, "have less than that", is_upwards=False),
    "at_most": Meaning(np.less_equal, "have at most that", is_upwards=False, is_beyond=True),
    "equals": Meaning(np.equal, "have exactly that", is_upwards=None),
    "not_equals": Meaning(np.not_equal, "have anything else", is_upwards=None),
}


def meaning_of(operator: str) -> Meaning:
    """Return what a number means with this operator; of a range, what its lowest means."""
    return MEANINGS.get(operator, AT_LEAST)
