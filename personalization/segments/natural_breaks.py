"""Where numbers fall apart into groups by themselves: Fisher's exact optimum, known as Jenks."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# More different values than that are first put together with their neighbours.
MOST_VALUES: Final = 400
MOST_CLASSES: Final = 5
# How much of the variance a division has to explain before it needs no further class.
GOOD_FIT: Final = 0.95


def natural_breaks(values: Numbers, *, classes: int) -> list[float]:
    """Return the lowest value of each class but the first, so that classes vary least within.

    Fewer where there are fewer different values. Fisher 1958; `classes` is at least 1.
    """
    points, weights = _weighted(values)
    return [float(points[at]) for at in _starts(points, weights, min(classes, len(points)))[0]]


def fitting_breaks(values: Numbers) -> list[float]:
    """Return the breaks of the fewest classes that fit well; none for values all alike."""
    points, weights = _weighted(values)
    if len(points) < 2:  # noqa: PLR2004
        return []
    whole = _starts(points, weights, 1)[1]
    for classes in range(2, min(MOST_CLASSES, len(points)) + 1):
        starts, within = _starts(points, weights, classes)
        if 1 - within / whole >= GOOD_FIT:
            break
    return [float(points[at]) for at in starts]


def _weighted(values: Numbers) -> tuple[Numbers, Numbers]:
    """Return the different values in order, and how often each is there."""
    points, counts = np.unique(values, return_counts=True)
    if len(points) <= MOST_VALUES:
        return points, counts.astype(np.float64)
    # A value of each stretch stands for it: its lowest, so that a break is a value there is.
    edges = np.unique(np.linspace(0, len(points) - 1, MOST_VALUES).astype(int))
    return points[edges], np.add.reduceat(counts, edges).astype(np.float64)


def _starts(points: Numbers, weights: Numbers, classes: int) -> tuple[list[int], float]:
    """Return where classes begin, besides the first, and the squares left within them."""
    size = len(points)
    # From the mean, so that sums of squares of large numbers keep their digits.
    moved = points - np.average(points, weights=weights)
    sums = [np.concatenate(([0.0], np.cumsum(weights * moved**n))) for n in range(3)]
    best = _within(sums, np.zeros(size, dtype=int), np.arange(size))
    choices: list[Any] = []
    for used in range(1, classes):
        best, chosen = _one_more(sums, best, used)
        choices.append(chosen)
    starts: list[int] = []
    end = size - 1
    for chosen in reversed(choices):
        starts.insert(0, int(chosen[end]))
        end = starts[0] - 1
    return starts, float(best[size - 1])


def _one_more(sums: list[Numbers], best: Numbers, used: int) -> tuple[Numbers, Any]:
    """Return, for each end, the least squares with one more class and where that begins."""
    size = len(best)
    least = np.full(size, np.inf)
    chosen = np.zeros(size, dtype=int)
    for end in range(used, size):
        begins = np.arange(used, end + 1)
        squares = best[begins - 1] + _within(sums, begins, np.full(len(begins), end))
        at = int(np.argmin(squares))
        least[end], chosen[end] = squares[at], begins[at]
    return least, chosen


def _within(sums: list[Numbers], first: Any, last: Any) -> Numbers:
    """Return the squared distances from the mean within each stretch, both ends included."""
    weight, linear, squares = (one[last + 1] - one[first] for one in sums)
    within: Numbers = np.maximum(squares - linear**2 / weight, 0)
    return within
