"""Judge a ranking on behaviour that it has not seen.

The metrics are those of information retrieval with binary relevance: precision and recall at k
after Manning, Raghavan and Schütze (2008), "Introduction to Information Retrieval", chapter 8;
normalised discounted cumulative gain after Järvelin and Kekäläinen (2002), "Cumulated gain-based
evaluation of IR techniques", discount 1/log2(rank + 1), and the ideal taken over min(k, relevant)
places. Coverage is the share of items shown to anyone (Ge et al. 2010, "Beyond accuracy").
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Matrix = Any  # scipy.sparse has no types
Scorer = Callable[[Ints], Floats]

K: Final = 10
USERS_AT_ONCE: Final = 512


@dataclass(frozen=True, slots=True)
class Metrics:
    """Means over `users`; None in place of a number when there were no users to judge on."""

    users: int
    ndcg: float | None
    precision: float | None
    recall: float | None
    coverage: float | None

    def as_json(self) -> dict[str, float | int | None]:
        """Return the metrics, numbers with five decimals."""
        return {
            name: round(value, 5) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """What one ranking scored for each user: ndcg, precision, recall [n]; lists [n, k]."""

    ndcg: Floats
    precision: Floats
    recall: Floats
    lists: Ints
    n_items: int

    def over(self, which: Bools | None = None) -> Metrics:
        """Return the means over some of the users, or over all."""
        chosen = np.ones(self.ndcg.size, bool) if which is None else which
        if not chosen.any():
            return Metrics(0, None, None, None, None)
        return Metrics(
            users=int(chosen.sum()),
            ndcg=float(self.ndcg[chosen].mean()),
            precision=float(self.precision[chosen].mean()),
            recall=float(self.recall[chosen].mean()),
            coverage=float(np.unique(self.lists[chosen]).size / self.n_items),
        )


def judge(*, scorer: Scorer, users: Ints, seen: Matrix, relevant: Matrix, k: int = K) -> Judged:
    """Rank all unseen items for these users and compare with what they turned to later.

    scorer: users [m] to scores [m, n_items], higher is better. seen, relevant: CSR
    [all users, n_items]; items in `seen` are never listed, every user has a relevant item.
    """
    k = min(k, relevant.shape[1])
    parts = [
        _judge_some(scorer, some, seen, relevant, k)
        for some in np.array_split(users, max(1, -(-users.size // USERS_AT_ONCE)))
    ]
    ndcg, precision, recall, lists = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Judged(ndcg, precision, recall, lists, relevant.shape[1])


def ndcg_of(hits: Bools, n_relevant: Ints) -> Floats:
    """Return NDCG per list; hits: [m, k], best place first; n_relevant: [m], each above 0."""
    discounts = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(discounts)[np.minimum(n_relevant, hits.shape[1]) - 1]
    gained = (hits * discounts).sum(axis=1)
    share: Floats = gained / ideal
    return share


def best(scores: Floats, k: int) -> Ints:
    """Return the indices of the k highest scores of each row, highest first, ties by index."""
    within = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)
    order = np.argsort(-np.take_along_axis(scores, within, 1), axis=1, kind="stable")
    return np.take_along_axis(within, order, 1)


def unseen(relevant: Matrix, seen: Matrix) -> Matrix:
    """Return the relevant items that the user had nothing to do with before, as ones."""
    later = (relevant > 0).astype(np.float32)
    fresh = (later - later.multiply(seen > 0)).tocsr()
    fresh.eliminate_zeros()
    return fresh


def users_to_judge(relevant: Matrix) -> Ints:
    """Return the users who have something relevant."""
    return np.flatnonzero(np.diff(relevant.indptr))


def _judge_some(
    scorer: Scorer, users: Ints, seen: Matrix, relevant: Matrix, k: int
) -> tuple[Floats, Floats, Floats, Ints]:
    scores = np.array(scorer(users), dtype=np.float32)
    scores[seen[users].nonzero()] = -np.inf
    lists = best(scores, k)
    wanted = relevant[users].toarray() > 0
    # An item that was seen can stand in a list only where all others are used up: no hit.
    shown = np.isfinite(np.take_along_axis(scores, lists, 1))
    hits = np.take_along_axis(wanted, lists, 1) & shown
    n_relevant = wanted.sum(axis=1)
    found = hits.sum(axis=1)
    return ndcg_of(hits, n_relevant), found / k, found / n_relevant, lists
