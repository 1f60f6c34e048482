"""What most people turn to, lately and ever."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]

SECONDS_PER_DAY: Final = 86_400
RECENT_DAYS: Final = 30
# The first eight of a list then come from four categories at least.
PER_CATEGORY_AND_WAVE: Final = 2


def trend(*, recent: Ints, ever: Ints) -> Floats:
    """Return how much an item's popularity grew lately, as a summand to its bias.

    recent, ever: people per item. WARP's biases follow the logarithm of popularity over all of
    the training data; adding log(recent share / share ever) makes them follow the recent one.
    Counts are smoothed by one. Zeros when nothing is recent.
    """
    if not recent.sum():
        return np.zeros(recent.size, np.float32)
    expected = ever * (recent.sum() / ever.sum())
    growth: Floats = (np.log1p(recent) - np.log1p(expected)).astype(np.float32)
    return growth


def ranked(popularity: Ints) -> Ints:
    """Return the positions of items that anyone turned to, most popular first."""
    order = np.argsort(-popularity, kind="stable")
    return order[popularity[order] > 0]


def spread(order: Ints, categories: Ints) -> Ints:
    """Return the same items in waves that take the best few of each category.

    Inside a wave the order stays, so the list still begins with the best-seller.
    """
    taken: dict[int, int] = {}
    waves = np.empty(order.size, np.int64)
    for place, category in enumerate(categories[order].tolist()):
        taken[category] = taken.get(category, 0) + 1
        waves[place] = (taken[category] - 1) // PER_CATEGORY_AND_WAVE
    return order[np.argsort(waves, kind="stable")]
