"""Which numbers of people may be shown: exactly to those who may see single ones.

To others neither a few are told nor all but a few, nor a share or a drawing that says how many.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from personalization.segments.members import FEWEST

FEW: Final = f"under {FEWEST}"
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

    def hides(self, number: int, *wholes: int) -> bool:
        """Whether the number, or what is left of a whole, points at single people."""
        parts = (number, *(whole - number for whole in wholes))
        return not self.is_exact and any(0 < part < FEWEST for part in parts)

    def number(self, number: int, *wholes: int) -> str:
        """Return the number as it is shown, being a part of these wholes."""
        if self.hides(number):
            return FEW
        return NEARLY_ALL if self.hides(number, *wholes) else f"{number:,}"

    def share(self, part: int, whole: int, *, decimals: int = 0) -> str:
        """Return which share it is, in percent."""
        if not whole or self.hides(part, whole):
            return UNTOLD
        return f"{part / whole:.{decimals}%}".replace("%", " %")

    def drawn(self, number: int, whole: int) -> int:
        """Return the number that is drawn in place of this one."""
        if self.hides(number):
            return min(FEWEST, whole)
        return whole if self.hides(number, whole) else number


EXACT: Final = Disclosure(is_exact=True)
VAGUE: Final = Disclosure(is_exact=False)
