"""Numbers that are far from what is usual, by the modified z-score; knows no Django.

After Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): distance from the median in
units of 1.4826 times the median absolute deviation; beyond 3.5 it is worth a look. Where more than
half of the values are the same that deviation is zero, and the mean absolute deviation, times
1.2533, stands in for it, as in SPSS. The score is meant for values that are spread evenly around
their middle. Prices, quantities and sums are not, but their logarithms nearly are: where all values
are above zero, logarithms are judged.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Final, TypeGuard

THRESHOLD: Final = 3.5
MAD_TO_SIGMA: Final = 1.4826
MEAN_DEVIATION_TO_SIGMA: Final = 1.253314
# Fewer values say nothing of what is usual.
FEWEST: Final = 30
NUMBERS: Final = (int, float)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """What a number usually is; `spread` is in units of a standard deviation.

    `is_log`: both are of natural logarithms.
    """

    median: float
    spread: float
    is_log: bool = False

    def robust_z(self, value: float) -> float:
        """Return how far a value is from the usual; infinitely where it has no logarithm."""
        if self.is_log and value <= 0:
            return -math.inf
        return ((math.log(value) if self.is_log else value) - self.median) / self.spread

    def is_outlier(self, value: float) -> bool:
        """Whether a value is worth a look."""
        return abs(self.robust_z(value)) > THRESHOLD


def ordinary_of(values: list[float]) -> Ordinary | None:
    """Return what is usual among these; None where they are too few, or all the same."""
    if len(values) < FEWEST:
        return None
    is_log = min(values) > 0
    judged = [math.log(value) for value in values] if is_log else values
    middle = median(judged)
    deviations = [abs(value - middle) for value in judged]
    spread = MAD_TO_SIGMA * median(deviations) or MEAN_DEVIATION_TO_SIGMA * fmean(deviations)
    return Ordinary(middle, spread, is_log) if spread else None


def outlying_fields(values: Mapping[str, Any], usual: Mapping[str, Ordinary]) -> Iterator[str]:
    """Yield the fields whose number is far from what is usual for it."""
    for name, ordinary in usual.items():
        value = values.get(name)
        if is_number(value) and ordinary.is_outlier(value):
            yield name


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether this is a number; true and false are none."""
    return type(value) is float or (isinstance(value, NUMBERS) and not isinstance(value, bool))
