from dataclasses import fields

import numpy as np
from scipy import sparse

from personalization.recommender.training import Factors, Fit, fit, positives_and_weights


def train(seed: int) -> Factors:
    rng = np.random.default_rng(0)
    interactions = sparse.csr_matrix(rng.integers(0, 3, (30, 20)).astype(np.float32))
    return fit(
        interactions=interactions,
        user_features=sparse.identity(30, dtype=np.float32, format="csr"),
        item_features=sparse.identity(20, dtype=np.float32, format="csr"),
        how=Fit(seed=seed, components=8, epochs=3),
        on_epoch=lambda _: None,
    )


def test_the_same_seed_gives_the_same_model() -> None:
    first, second = train(seed=1), train(seed=1)

    for field in fields(Factors):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))


def test_another_seed_gives_another_model() -> None:
    assert not np.array_equal(train(seed=1).items, train(seed=2).items)


def test_each_epoch_is_told() -> None:
    epochs: list[int] = []
    fit(
        interactions=sparse.csr_matrix(np.ones((2, 2), dtype=np.float32)),
        user_features=sparse.identity(2, dtype=np.float32, format="csr"),
        item_features=sparse.identity(2, dtype=np.float32, format="csr"),
        how=Fit(seed=1, components=2, epochs=3),
        on_epoch=epochs.append,
    )

    assert epochs == [1, 2, 3]


def test_weights_grow_slower_than_acts_and_average_one() -> None:
    positives, weights = positives_and_weights(
        sparse.csr_matrix(np.array([[1, 10]], dtype=np.float32))
    )

    assert positives.toarray().tolist() == [[1, 1]]
    first, tenth = weights.toarray()[0]
    assert first < tenth < 10 * first
    assert (first + tenth) / 2 == 1
