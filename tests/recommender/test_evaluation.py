import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from personalization.recommender.evaluation import best, judge, ndcg_of, unseen, users_to_judge


def matrix(rows: list[list[int]]) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.array(rows, dtype=np.float32))


def test_ndcg_of_a_hit_in_second_place_is_that_of_the_textbook() -> None:
    hits = np.array([[False, True, False]])

    assert ndcg_of(hits, np.array([1]))[0] == pytest.approx(1 / math.log2(3))


def test_metrics_are_those_computed_by_hand() -> None:
    scores = np.array([[9, 8, 7, 6, 5], [1, 2, 3, 4, 5]], dtype=np.float32)
    relevant = matrix([[0, 1, 0, 0, 1], [0, 0, 0, 1, 1]])
    nothing = matrix([[0] * 5, [0] * 5])

    judged = judge(
        scorer=lambda users: scores[users],
        users=np.array([0, 1]),
        seen=nothing,
        relevant=relevant,
        k=2,
    )

    assert judged.precision.tolist() == [0.5, 1.0]
    assert judged.recall.tolist() == [0.5, 1.0]
    ideal = 1 + 1 / math.log2(3)
    assert judged.ndcg.tolist() == pytest.approx([1 / math.log2(3) / ideal, 1.0])
    assert judged.over().coverage == pytest.approx(4 / 5)
    assert judged.over(np.array([False, True])).ndcg == 1.0


def test_what_was_seen_is_never_listed() -> None:
    judged = judge(
        scorer=lambda users: np.array([[3.0, 2.0, 1.0]])[users],
        users=np.array([0]),
        seen=matrix([[1, 0, 0]]),
        relevant=matrix([[0, 1, 0]]),
        k=1,
    )

    assert judged.lists.tolist() == [[1]]
    assert judged.ndcg.tolist() == [1.0]


def test_a_slice_without_users_has_no_figures() -> None:
    judged = judge(
        scorer=lambda users: np.ones((users.size, 3)),
        users=np.array([0]),
        seen=matrix([[0, 0, 0]]),
        relevant=matrix([[1, 0, 0]]),
    )

    assert judged.over(np.array([False])).as_json() == {
        "users": 0,
        "ndcg": None,
        "precision": None,
        "recall": None,
        "coverage": None,
    }


def test_only_what_is_new_to_a_user_is_relevant() -> None:
    fresh = unseen(matrix([[2, 3, 0], [1, 0, 0]]), matrix([[0, 5, 0], [1, 0, 0]]))

    assert fresh.toarray().tolist() == [[1, 0, 0], [0, 0, 0]]
    assert users_to_judge(fresh).tolist() == [0]


rankings = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(-50, 50), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n).filter(any),
        st.integers(1, n),
    )
)


@given(rankings)
def test_every_metric_is_between_nothing_and_one(
    ranking: tuple[list[int], list[bool], int],
) -> None:
    scores, relevant, k = ranking

    judged = judge(
        scorer=lambda users: np.array([scores], dtype=np.float32)[users],
        users=np.array([0]),
        seen=matrix([[0] * len(scores)]),
        relevant=matrix([[int(r) for r in relevant]]),
        k=k,
    )

    for values in (judged.ndcg, judged.precision, judged.recall):
        assert 0 <= values[0] <= 1 + 1e-9


@given(rankings)
def test_ranking_by_the_truth_is_perfect(ranking: tuple[list[int], list[bool], int]) -> None:
    _, relevant, k = ranking
    truth = np.array([relevant], dtype=np.float32)

    judged = judge(
        scorer=lambda users: truth[users],
        users=np.array([0]),
        seen=matrix([[0] * len(relevant)]),
        relevant=matrix([[int(r) for r in relevant]]),
        k=k,
    )

    assert judged.ndcg[0] == pytest.approx(1.0)


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=40), st.integers(1, 40))
def test_the_best_are_those_that_sorting_finds(scores: list[int], k: int) -> None:
    k = min(k, len(scores))

    found = best(np.array([scores], dtype=np.float32), k)[0]

    expected = sorted(scores, reverse=True)[:k]
    assert [scores[position] for position in found.tolist()] == expected
