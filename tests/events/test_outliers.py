"""The modified z-score of Iglewicz and Hoaglin."""

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from personalization.events.outliers import THRESHOLD, Ordinary, ordinary_of, outlying_fields

PRICES = [1.25, 2.1, 2.55, 2.95, 3.25, 3.39, 3.75, 4.25, 4.95, 7.65] * 4


def test_the_spread_is_scipys_scaled_median_absolute_deviation() -> None:
    usual = ordinary_of(PRICES)

    assert usual
    assert usual.is_log
    assert usual.median == pytest.approx(np.median(np.log(PRICES)))
    assert usual.spread == pytest.approx(
        median_abs_deviation(np.log(PRICES), scale="normal"), rel=1e-4
    )


def test_the_score_is_0_6745_times_the_distance_over_the_deviation() -> None:
    changes = [price - 3 for price in PRICES]  # some are below zero

    usual = ordinary_of(changes)

    assert usual
    assert not usual.is_log
    deviation = median_abs_deviation(changes)
    expected = 0.6745 * (10.0 - float(np.median(changes))) / deviation
    assert usual.robust_z(10.0) == pytest.approx(expected, rel=1e-4)


def test_a_price_of_nothing_is_odd_where_everything_costs_something() -> None:
    usual = ordinary_of(PRICES)

    assert usual
    assert usual.is_outlier(0)
    assert not usual.is_outlier(7.65)


def test_beyond_three_and_a_half_is_an_outlier_on_either_side() -> None:
    usual = Ordinary(median=10, spread=2)

    assert THRESHOLD == 3.5
    assert not usual.is_outlier(17)
    assert usual.is_outlier(17.01)
    assert usual.is_outlier(2.9)


def test_where_most_values_are_the_same_the_mean_deviation_stands_in() -> None:
    usual = ordinary_of([0.0] * 35 + [1.0] * 5)

    assert usual
    assert usual.spread == pytest.approx(1.253314 * 5 / 40)


@pytest.mark.parametrize("values", [[1.0] * 100, [1.0, 2.0, 900.0]])
def test_of_equal_or_few_values_nothing_is_an_outlier(values: list[float]) -> None:
    assert ordinary_of(values) is None


def test_true_and_texts_are_no_numbers() -> None:
    usual = {"price": Ordinary(1, 0.1), "gift": Ordinary(100, 1), "note": Ordinary(1, 1)}

    found = outlying_fields({"price": 99.0, "gift": True, "note": "99"}, usual)

    assert list(found) == ["price"]
