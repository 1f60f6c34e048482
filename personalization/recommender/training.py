"""Fit a LightFM hybrid: the only file that knows the library.

In the hybrid model of Kula (2015, "Metadata embeddings for user and item cold-start
recommendations", arXiv:1507.08439) a user's or an item's vector is the sum of its features'
embeddings, so one that was never seen still has a vector: that of the features it shares.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from lightfm import LightFM
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Matrix = Any  # scipy.sparse has no types


@dataclass(frozen=True, slots=True)
class Fit:
    """How to train.

    The defaults were chosen on Online Retail (`make bench` shows what they score). One thread,
    because LightFM's threads race for the same rows: with two, the same seed gives another
    model, and a version could not be made again. `max_sampled`: how often WARP looks for an item
    ranked wrongly before it gives up; 30 scored better than LightFM's 10 at the same epochs.
    """

    seed: int
    components: int = 64
    epochs: int = 20
    learning_rate: float = 0.03
    max_sampled: int = 30
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Factors:
    """What was learned; k components, embeddings [n, k], biases [n].

    `users` and `items` are sums over features; `user_features` are the features' own.
    """

    items: Floats
    item_biases: Floats
    users: Floats
    user_biases: Floats
    user_features: Floats
    user_feature_biases: Floats


def fit(
    *,
    interactions: Matrix,
    user_features: Matrix,
    item_features: Matrix,
    how: Fit,
    on_epoch: Callable[[int], None],
) -> Factors:
    """Train with the WARP loss and return the factors.

    interactions: [n_users, n_items], weights above 0. user_features, item_features: CSR
    [n_users, ·] and [n_items, ·]. `on_epoch` is called with the number of epochs done. WARP is
    Weston et al. (2011), "WSABIE: Scaling up to large vocabulary image annotation".
    """
    model = LightFM(
        no_components=how.components,
        loss="warp",
        learning_rate=how.learning_rate,
        max_sampled=how.max_sampled,
        random_state=how.seed,
    )
    positives, weights = positives_and_weights(interactions)
    for epoch in range(how.epochs):
        model.fit_partial(
            positives,
            user_features=user_features,
            item_features=item_features,
            sample_weight=weights,
            num_threads=how.threads,
        )
        on_epoch(epoch + 1)
    return _factors_of(model, user_features, item_features)


def positives_and_weights(interactions: Matrix) -> tuple[Matrix, Matrix]:
    """Return interactions as ones, and how much each counts, in the same order.

    A tenth purchase says less than the first, so weights grow with the logarithm; their mean
    is 1, which leaves the learning rate its meaning.
    """
    given = interactions.tocoo()
    ones = sparse.coo_matrix((np.ones_like(given.data), (given.row, given.col)), given.shape)
    damped = np.log1p(given.data)
    weights = (damped / damped.mean()).astype(np.float32)
    return ones, sparse.coo_matrix((weights, (given.row, given.col)), given.shape)


def _factors_of(model: LightFM, user_features: Matrix, item_features: Matrix) -> Factors:
    item_biases, items = model.get_item_representations(item_features)
    user_biases, users = model.get_user_representations(user_features)
    return Factors(
        items=items,
        item_biases=item_biases,
        users=users,
        user_biases=user_biases,
        user_features=model.user_embeddings,
        user_feature_biases=model.user_biases,
    )
