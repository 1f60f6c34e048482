"""Natural breaks are where variance within classes is least."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.segments.natural_breaks import fitting_breaks, natural_breaks

# The example of the jenkspy package, whose breaks for three classes are 1.2, 2.3, 5.0 and 7.8.
KNOWN = np.array([1.3, 7.1, 7.3, 2.3, 3.9, 4.1, 7.8, 1.2, 4.3, 7.3, 5.0, 4.3])


def squares_within(values: list[int], starts: tuple[int, ...]) -> float:
    classes = np.searchsorted(np.array(starts), np.array(values), side="right")
    return sum(
        float(((part - part.mean()) ** 2).sum())
        for part in (np.array(values)[classes == n] for n in range(len(starts) + 1))
        if len(part)
    )


def test_breaks_of_known_data_are_found() -> None:
    assert natural_breaks(KNOWN, classes=3) == [3.9, 7.1]


@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=9),
    st.integers(2, 4),
)
def test_no_other_division_varies_less_within(values: list[int], classes: int) -> None:
    points = sorted(set(values))

    found = natural_breaks(np.array(values, dtype=float), classes=classes)

    least = min(
        squares_within(values, starts)
        for starts in combinations(points[1:], min(classes, len(points)) - 1)
    )
    assert squares_within(values, tuple(int(one) for one in found)) == pytest.approx(least)


def test_as_many_breaks_as_the_numbers_have_groups() -> None:
    rng = np.random.default_rng(7)
    groups = [rng.normal(middle, 1, 500) for middle in (10, 50, 120)]

    found = fitting_breaks(np.concatenate(groups))

    assert len(found) == 2
    assert 13 < found[0] < 50
    assert 54 < found[1] < 120


def test_numbers_all_alike_have_no_breaks() -> None:
    assert fitting_breaks(np.array([4.0, 4.0])) == []
    assert fitting_breaks(np.array([])) == []


def test_many_different_numbers_are_read_in_time() -> None:
    values = np.concatenate([np.linspace(0, 1, 15_000), np.linspace(9, 10, 5_000)])

    [found] = natural_breaks(values, classes=2)

    assert 1 <= found <= 9.1
