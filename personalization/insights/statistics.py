"""How far two samples of a field differ; knows no Django.

PSI after Siddiqi, Credit Risk Scorecards (2006): below 0.1 no change, from 0.25 on a large one. The
two-sample Kolmogorov-Smirnov test is scipy's, with its asymptotic p-value.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp

SMALL_PSI: Final = 0.1
LARGE_PSI: Final = 0.25
BINS: Final = 10
# A share of nothing would make the index infinite.
LEAST_SHARE: Final = 1e-4
OTHER: Final = "other"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """How two samples differ, and the shares that show it; `before` and `now` add up to one."""

    psi: float
    labels: tuple[str, ...]
    before: tuple[float, ...]
    now: tuple[float, ...]
    ks: float | None = None
    p_value: float | None = None

    @property
    def is_large(self) -> bool:
        """Whether the change is one to look into."""
        return self.psi >= LARGE_PSI


def stability_index(before: Floats, now: Floats) -> float:
    """Return the population stability index of two lists of shares."""
    left, right = np.maximum(before, LEAST_SHARE), np.maximum(now, LEAST_SHARE)
    return float(np.sum((right - left) * np.log(right / left)))


def compare_numbers(before: Sequence[float], now: Sequence[float]) -> Difference:
    """Compare two samples of numbers, over the deciles of the one before.

    Neither may be empty.
    """
    left, right = np.asarray(before, dtype=float), np.asarray(now, dtype=float)
    edges = np.unique(np.quantile(left, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = _shares(left, edges), _shares(right, edges)
    test = ks_2samp(left, right, method="asymp")
    return Difference(
        psi=stability_index(*shares),
        labels=_intervals(edges),
        before=tuple(shares[0].tolist()),
        now=tuple(shares[1].tolist()),
        ks=float(test.statistic),
        p_value=float(test.pvalue),
    )


def compare_categories(
    before: Mapping[str, int], now: Mapping[str, int], *, labels: Sequence[str]
) -> Difference:
    """Compare how often each category was met; those that are not among `labels` are pooled.

    Neither may be empty.
    """
    left, right = (_pooled(counts, labels) for counts in (before, now))
    names = [*labels, OTHER] if left[OTHER] or right[OTHER] else list(labels)
    shares = [
        np.array([counts[name] for name in names], dtype=float) / counts.total()
        for counts in (left, right)
    ]
    return Difference(
        psi=stability_index(*shares),
        labels=tuple(names),
        before=tuple(shares[0].tolist()),
        now=tuple(shares[1].tolist()),
    )


def common_labels(
    seen: Sequence[tuple[str, Hashable]], *, fewest_people: int, at_most: int
) -> list[str]:
    """Return the labels most often met, leaving out those that only a few people have.

    seen: (label, person) of each event. What few people have could tell who they are.
    """
    people: dict[str, set[Hashable]] = {}
    for label, person in seen:
        people.setdefault(label, set()).add(person)
    often = Counter(label for label, _ in seen)
    named = [label for label, _ in often.most_common() if len(people[label]) >= fewest_people]
    return named[:at_most]


def _pooled(counts: Mapping[str, int], labels: Sequence[str]) -> Counter[str]:
    named, pooled = set(labels), Counter[str]()
    for label, number in counts.items():
        pooled[label if label in named else OTHER] += number
    return pooled


def _shares(values: Floats, edges: Floats) -> Floats:
    places = np.searchsorted(edges, values, side="left")
    return np.bincount(places, minlength=len(edges) + 1) / len(values)


def _intervals(edges: Floats) -> tuple[str, ...]:
    written = [f"{edge:g}" for edge in edges]
    between = [f"{low} to {high}" for low, high in pairwise(written)]
    return (f"up to {written[0]}", *between, f"over {written[-1]}")
