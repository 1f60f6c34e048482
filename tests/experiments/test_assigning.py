"""Assignment is stable, independent between experiments, and keeps to the weights."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.experiments.assigning import assign


@dataclass(frozen=True)
class Arm:
    key: str
    weight: int


A, B = Arm("a", 1), Arm("b", 3)


@given(st.text(), st.text())
def test_the_same_visitor_gets_the_same_variation(visitor: str, experiment: str) -> None:
    first = assign([A, B], visitor=visitor, experiment=experiment)

    assert assign([A, B], visitor=visitor, experiment=experiment) == first
    assert first[1] == first[0].weight / 4


def test_shares_follow_the_weights() -> None:
    got = [assign([A, B], visitor=str(n), experiment="hero")[0] for n in range(10_000)]

    # Four standard deviations of a binomial around 2,500.
    assert abs(got.count(A) - 2_500) < 4 * (10_000 * 0.25 * 0.75) ** 0.5


def test_two_experiments_split_visitors_independently() -> None:
    both = [
        tuple(assign([A, Arm("b", 1)], visitor=str(n), experiment=e)[0].key for e in ("x", "y"))
        for n in range(4_000)
    ]

    assert all(abs(both.count(pair) - 1_000) < 150 for pair in set(both))


def test_a_weight_of_zero_is_never_shown() -> None:
    got = {assign([Arm("off", 0), A], visitor=str(n), experiment="x")[0].key for n in range(100)}

    assert got == {"a"}


def test_no_weight_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="weight above zero"):
        assign([Arm("off", 0)], visitor="anna", experiment="x")
