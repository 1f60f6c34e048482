"""Statistics against known values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from personalization.insights.statistics import (
    LEAST_SHARE,
    common_labels,
    compare_categories,
    compare_numbers,
    stability_index,
)

SHARES = st.lists(st.floats(0.01, 1), min_size=5, max_size=5)


def test_the_index_is_the_sum_of_differences_times_logarithms() -> None:
    before, now = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])

    by_hand = (0.3 - 0.5) * math.log(0.3 / 0.5) + 0 + (0.4 - 0.2) * math.log(0.4 / 0.2)

    assert stability_index(before, now) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(0.2408, abs=1e-4)


def test_a_share_of_nothing_does_not_make_the_index_infinite() -> None:
    index = stability_index(np.array([1.0, 0.0]), np.array([0.5, 0.5]))

    by_hand = -0.5 * math.log(0.5) + (0.5 - LEAST_SHARE) * math.log(0.5 / LEAST_SHARE)
    assert index == pytest.approx(by_hand)


@given(SHARES, SHARES)
def test_the_index_is_never_negative_and_the_same_both_ways(
    left: list[float], right: list[float]
) -> None:
    before, now = (np.array(one) / sum(one) for one in (left, right))

    assert stability_index(before, now) >= 0
    assert stability_index(before, now) == pytest.approx(stability_index(now, before))
    assert stability_index(before, before) == 0


def test_equal_samples_do_not_differ() -> None:
    values = [float(n) for n in range(1_000)]

    found = compare_numbers(values, values)

    assert (found.psi, found.ks, found.is_large) == (0.0, 0.0, False)
    assert found.before == pytest.approx((0.1,) * 10)


def test_numbers_are_compared_over_the_deciles_of_the_weeks_before() -> None:
    before = [float(n) for n in range(1_000)]
    now = [n / 2 for n in before]  # everything in the lower half

    found = compare_numbers(before, now)

    assert found.now == pytest.approx((0.2,) * 5 + (0.0,) * 5, abs=0.003)
    by_hand = 5 * 0.1 * math.log(2) + 5 * (LEAST_SHARE - 0.1) * math.log(LEAST_SHARE / 0.1)
    assert found.psi == pytest.approx(by_hand, rel=0.02)
    assert found.is_large


def test_kolmogorov_and_smirnov_are_scipys() -> None:
    random = np.random.default_rng(7)
    before, now = random.normal(0, 1, 500), random.normal(0.5, 1, 400)

    found = compare_numbers(before.tolist(), now.tolist())

    expected = ks_2samp(before, now, method="asymp")
    assert found.ks == expected.statistic
    assert found.p_value == expected.pvalue


def test_kolmogorov_and_smirnov_find_the_largest_distance() -> None:
    assert compare_numbers([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0]).ks == 0.5


def test_a_number_that_is_always_the_same_can_be_compared() -> None:
    assert compare_numbers([1.0] * 300, [1.0] * 300).psi == 0
    assert compare_numbers([1.0] * 300, [2.0] * 300).is_large


def test_categories_that_are_not_named_are_pooled() -> None:
    found = compare_categories({"a": 50, "b": 30, "c": 20}, {"a": 30, "d": 70}, labels=["a"])

    assert found.labels == ("a", "other")
    assert (found.before, found.now) == ((0.5, 0.5), (0.3, 0.7))
    assert found.psi == pytest.approx(0.2 * math.log(5 / 3) + 0.2 * math.log(0.7 / 0.5))


def test_labels_that_few_people_have_are_not_named() -> None:
    seen = [("often", n) for n in range(10)] + [("anna's own", 1)] * 50

    assert common_labels(seen, fewest_people=10, at_most=5) == ["often"]
