"""Decide whether a candidate is better than what visitors get without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.recommender.assembling import popularity_at_cut
from personalization.recommender.evaluation import (
    Ints,
    Judged,
    Matrix,
    Scorer,
    judge,
    unseen,
    users_to_judge,
)
from personalization.recommender.interactions import BETWEEN, JUDGED, LEARNED
from personalization.recommender.live import LiveModel
from personalization.recommender.training_data import NotEnoughData, TrainingData

Floats = NDArray[np.float32]

CANDIDATE: Final = "candidate"
RIVALS: Final = {
    "popular_lately": "what was popular in the last month",
    "popular_ever": "what was always popular",
    "live": "the live model",
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A model, and the vectors of the profiles that it knows."""

    model: LiveModel
    vectors: Mapping[int, Floats]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the candidate goes live, why, and what all contenders scored."""

    is_better: bool
    reason: str
    metrics: dict[str, Any]


def knows_strangers(contender: Contender, data: TrainingData) -> bool:
    """Whether profiles without history are served better than by last month's popularity."""
    seen = data.interactions.matrix(LEARNED, BETWEEN)
    relevant = unseen(data.interactions.matrix(JUDGED), seen)
    users = users_to_judge(relevant)
    strangers = users[~np.isin(users, _with_history(data))]
    if not strangers.size:
        return False
    popular = constant_scorer(popularity_at_cut(data.interactions)["lately"])
    own, rival = (
        judge(scorer=scorer, users=strangers, seen=seen, relevant=relevant).ndcg.mean()
        for scorer in (model_scorer(contender, data), popular)
    )
    return bool(own > rival)


def compare(*, candidate: Contender, live: Contender | None, data: TrainingData) -> Verdict:
    """Judge candidate, popularity and live model on the same later behaviour.

    The candidate must have a strictly higher NDCG@10 than each. It is not trained again on all
    of the data afterwards: what was judged is what serves. Raises NotEnoughData when nobody
    turned to anything new after the cut.
    """
    seen = data.interactions.matrix(LEARNED, BETWEEN)
    relevant = unseen(data.interactions.matrix(JUDGED), seen)
    users = users_to_judge(relevant)
    if not users.size:
        raise NotEnoughData("Nobody turned to a new item since the models stopped learning.")
    judged = {
        name: judge(scorer=scorer, users=users, seen=seen, relevant=relevant)
        for name, scorer in _scorers(candidate, live, data).items()
    }
    warm = np.isin(users, _with_history(data))
    metrics = {name: _by_slice(result, warm) for name, result in judged.items()}
    return _verdict(metrics)


def _verdict(metrics: dict[str, Any]) -> Verdict:
    ndcg = {name: slices["all"]["ndcg"] for name, slices in metrics.items()}
    own = ndcg[CANDIDATE]
    rivals = {text: ndcg[name] for name, text in RIVALS.items() if name in ndcg}
    unbeaten = [f"{text} ({score:.4f})" for text, score in rivals.items() if own <= score]
    if unbeaten:
        reason = f"NDCG@10 {own:.4f} does not beat {' and '.join(unbeaten)}."
        return Verdict(is_better=False, reason=reason, metrics=metrics)
    beaten = " and ".join(f"{text} ({score:.4f})" for text, score in rivals.items())
    reason = f"NDCG@10 {own:.4f} beats {beaten}."
    return Verdict(is_better=True, reason=reason, metrics=metrics)


def _with_history(data: TrainingData) -> NDArray[np.intp]:
    return np.flatnonzero(np.diff(data.interactions.matrix(LEARNED).indptr))


def _by_slice(result: Judged, warm: NDArray[np.bool_]) -> dict[str, Any]:
    slices = {"all": None, "warm": warm, "cold": ~warm}
    return {name: result.over(which).as_json() for name, which in slices.items()}


def _scorers(candidate: Contender, live: Contender | None, data: TrainingData) -> dict[str, Scorer]:
    scorers = {CANDIDATE: model_scorer(candidate, data)}
    for name, counts in popularity_at_cut(data.interactions).items():
        scorers[f"popular_{name}"] = constant_scorer(counts)
    if live is not None:
        scorers["live"] = model_scorer(live, data)
    return scorers


def constant_scorer(scores: NDArray[Any]) -> Scorer:
    """Return a scorer that ranks alike for everyone."""

    def score(users: Ints) -> NDArray[np.floating[Any]]:
        return np.tile(scores.astype(np.float32), (users.size, 1))

    return score


def model_scorer(contender: Contender, data: TrainingData) -> Scorer:
    """Return a scorer that ranks as the model would serve, without folding in.

    A profile it does not know has its country's vector, or else gets what is popular. An item it
    does not know comes last.
    """
    model = contender.model
    vectors, has_vector = _vectors(contender, data)
    popular = popularity_at_cut(data.interactions)["lately"].astype(np.float32)
    columns = [model.position.get(item_id, -1) for item_id in data.interactions.item_ids]
    known = np.array(columns) >= 0
    items: Matrix = model.items[columns]
    biases = np.where(known, model.biases[columns], -np.inf).astype(np.float32)

    def score(users: Ints) -> NDArray[np.floating[Any]]:
        scores = vectors[users] @ items.T + biases
        return np.where(has_vector[users, None], scores, popular)

    return score


def _vectors(contender: Contender, data: TrainingData) -> tuple[Floats, NDArray[np.bool_]]:
    nobody = np.zeros(contender.model.items.shape[1] + 1, np.float32)
    rows = []
    for profile_id in data.interactions.profile_ids.tolist():
        of_country = contender.model.countries.get(data.countries.get(profile_id, ""), nobody)
        rows.append(contender.vectors.get(profile_id, of_country))
    vectors = np.array(rows, np.float32)
    return vectors[:, :-1], np.asarray(vectors.any(axis=1))
