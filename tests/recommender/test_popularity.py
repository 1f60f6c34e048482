import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalization.recommender.popularity import ranked, spread, trend


def test_what_grew_lately_has_a_positive_trend() -> None:
    recent, ever = np.array([50, 1, 10]), np.array([100, 100, 41])

    rising, falling, _ = trend(recent=recent, ever=ever).tolist()

    assert rising > 0 > falling


def test_without_recent_acts_there_is_no_trend() -> None:
    assert trend(recent=np.zeros(3, int), ever=np.array([3, 2, 1])).tolist() == [0, 0, 0]


def test_items_nobody_turned_to_are_not_popular() -> None:
    assert ranked(np.array([0, 5, 2, 0])).tolist() == [1, 2]


def test_a_large_category_does_not_fill_the_beginning() -> None:
    categories = np.array([0, 0, 0, 0, 1, 1, 1])

    assert spread(np.arange(7), categories).tolist() == [0, 1, 4, 5, 2, 3, 6]


@given(st.lists(st.integers(0, 5), max_size=40))
def test_spreading_loses_and_repeats_nothing(categories: list[int]) -> None:
    order = np.arange(len(categories))

    found = spread(order, np.array(categories, dtype=int))

    assert sorted(found.tolist()) == order.tolist()
