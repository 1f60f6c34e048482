"""Put together what a training run brings forth: a model without persons, and their vectors."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from personalization.recommender.features import TRAIT_WEIGHT, Features
from personalization.recommender.interactions import BETWEEN, JUDGED, LEARNED, Interactions
from personalization.recommender.live import LiveModel
from personalization.recommender.popularity import RECENT_DAYS, SECONDS_PER_DAY, ranked, trend
from personalization.recommender.training import Factors
from personalization.recommender.training_data import TrainingData

COUNTRY: Final = "country:"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trained model; `arrays` and `meta` go into the artifact, `vectors` [m, k + 1] do not."""

    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]
    profile_ids: NDArray[np.int64]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, factors: Factors, data: TrainingData, *, seed: int) -> Self:
        """Return what is to be kept of these factors."""
        interactions = data.interactions
        warm = np.diff(interactions.matrix(LEARNED).indptr) > 0
        countries, country_vectors = _country_vectors(factors, data.user_features)
        vectors = np.hstack([factors.users, factors.user_biases[:, None]]).astype(np.float32)[warm]
        lengths = np.linalg.norm(vectors[:, :-1], axis=1)
        return cls(
            arrays={
                "items": factors.items,
                "item_biases": factors.item_biases + _trend_at_cut(interactions),
                "countries": country_vectors,
                "categories": _category_numbers(interactions.item_ids, data.categories),
                **_popular_now(interactions),
            },
            meta={
                "item_ids": list(interactions.item_ids),
                "countries": countries,
                "typical_length": float(np.median(lengths)),
                "seed": seed,
            },
            profile_ids=interactions.profile_ids[warm],
            vectors=vectors,
        )

    def model(self) -> LiveModel:
        """Return the model as it would serve."""
        return LiveModel.of(0, self.arrays, self.meta)

    def for_the_warm(self) -> Self:
        """Return the candidate without what it says of visitors known by their country only."""
        arrays = {**self.arrays, "countries": self.arrays["countries"][:0]}
        return replace(self, arrays=arrays, meta={**self.meta, "countries": []})

    def vectors_by_profile(self) -> dict[int, NDArray[np.float32]]:
        """Return each profile's vector."""
        return dict(zip(self.profile_ids.tolist(), self.vectors, strict=True))


def popularity_at_cut(interactions: Interactions) -> dict[str, NDArray[np.int64]]:
    """Return people per item of the month before the cut ("lately"), and of all time before it."""
    month = interactions.newest(LEARNED) - RECENT_DAYS * SECONDS_PER_DAY
    return {
        "lately": interactions.popularity(sides=(LEARNED,), since=month),
        "ever": interactions.popularity(sides=(LEARNED,), since=0),
    }


def _trend_at_cut(interactions: Interactions) -> NDArray[np.float32]:
    counts = popularity_at_cut(interactions)
    return trend(recent=counts["lately"], ever=counts["ever"])


def _popular_now(interactions: Interactions) -> dict[str, NDArray[np.integer[Any]]]:
    # Lists of what is popular are not judged, so they may use everything up to now.
    sides = (LEARNED, BETWEEN, JUDGED)
    month = interactions.newest(*sides) - RECENT_DAYS * SECONDS_PER_DAY
    return {
        "popular_lately": ranked(interactions.popularity(sides=sides, since=month)),
        "popular_ever": ranked(interactions.popularity(sides=sides, since=0)),
    }


def _country_vectors(factors: Factors, features: Features) -> tuple[list[str], NDArray[np.float32]]:
    columns = [c for c, name in enumerate(features.names) if name.startswith(COUNTRY)]
    names = [features.names[column].removeprefix(COUNTRY) for column in columns]
    biases = factors.user_feature_biases[columns]
    vectors = np.hstack([factors.user_features[columns], biases[:, None]])
    # A visitor's features carry this weight in training, so they must when they stand alone.
    return names, (vectors * TRAIT_WEIGHT).astype(np.float32)


def _category_numbers(
    item_ids: tuple[str, ...], categories: Mapping[str, str]
) -> NDArray[np.int32]:
    numbers: dict[str, int] = {}
    keys = [categories.get(item_id, "") for item_id in item_ids]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int32)
