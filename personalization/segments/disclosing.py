"""Which numbers of people may be shown: exactly to those who may see single ones.

To others neither a few are told nor all but a few, nor a share or a drawing that says how many; and
what is told is rounded down, so that no two numbers differ by a few. Numbers that add up are shown
as sums of their parts, each rounded by itself: so subtracting tells no more of a part than it does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from personalization.segments.members import FEWEST

NEARLY_ALL: Final = "nearly all"
UNTOLD: Final = "-"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How numbers of people are shown to someone; `is_exact` where they may see profiles."""

    is_exact: bool

    @classmethod
    def to(cls, has_perm: Callable[[str], bool]) -> "Disclosure":
        """Return what somebody with these permissions is shown."""
        return cls(has_perm("profiles.view_profile"))

    def part(self, number: int) -> int:
        """Return what they may know of a number: that it is one or more, or its full tens."""
        if self.is_exact or number <= 0:
            return number
        return max(1, number - number % FEWEST)

    def hides(self, number: int, *wholes: int) -> bool:
        """Whether the number, or what is left of a whole, points at single people."""
        parts = (number, *(whole - number for whole in wholes))
        return not self.is_exact and any(0 < part < FEWEST for part in parts)

    def number(self, number: int, *wholes: int) -> str:
        """Return the number as it is shown, being a part of these wholes."""
        return self.sum(self.part(number), *(self._whole(number, whole) for whole in wholes))

    def sum(self, known: int, *wholes: int) -> str:
        """Return a sum of what `part` returned as it is shown, these wholes being such sums too."""
        if self.is_exact or not known:
            return f"{known:,}"
        if self.hides(known):
            # Each of the parts that are not told adds one to it, and may be as many as nine.
            return f"under {known * FEWEST}"
        return NEARLY_ALL if self.hides(known, *wholes) else f"{self.part(known):,}+"

    def share(self, part: int, whole: int, *, decimals: int = 0) -> str:
        """Return which share it is, in percent."""
        return self.share_of_sum(self.part(part), self._whole(part, whole), decimals=decimals)

    def share_of_sum(self, known: int, whole: int, *, decimals: int = 0) -> str:
        """Return which share one sum of what `part` returned is of another."""
        if not whole or self.hides(known, whole):
            return UNTOLD
        return f"{known / whole:.{decimals}%}".replace("%", " %")

    def drawn(self, number: int, whole: int) -> int:
        """Return the number that is drawn in place of this one."""
        if self.hides(number):
            return min(FEWEST, whole)
        return whole if self.hides(number, whole) else self.part(number)

    def _whole(self, number: int, whole: int) -> int:
        return self.part(number) + self.part(whole - number)


EXACT: Final = Disclosure(is_exact=True)
VAGUE: Final = Disclosure(is_exact=False)
