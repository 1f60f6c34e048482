"""The live model as each process holds it."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self

import numpy as np
from django.db import DatabaseError
from numpy.typing import NDArray

from personalization.learning import artifacts
from personalization.learning.models import ModelVersion
from personalization.recommender.availability import refresh_availability
from personalization.recommender.popularity import spread

logger = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]

KIND: Final = "recommender"
SECONDS_BEFORE_RETRY: Final = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class LiveModel:
    """A model version ready to rank: n items, k components.

    items: [n, k]; unit_items: the same, each row of length 1; biases: [n], with the trend.
    countries: name to vector [k + 1], bias last. popular_lately, popular_ever: item positions,
    best first, spread over categories. typical_length: of a profile's embedding.
    """

    version: int
    item_ids: tuple[str, ...]
    position: Mapping[str, int]
    items: Floats
    unit_items: Floats
    biases: Floats
    countries: Mapping[str, Floats]
    popular_lately: Ints
    popular_ever: Ints
    typical_length: float

    @classmethod
    def of(cls, version: int, arrays: artifacts.Arrays, meta: Mapping[str, Any]) -> Self:
        """Return the model that these arrays and this JSON describe."""
        items = np.asarray(arrays["items"], np.float32)
        lengths = np.linalg.norm(items, axis=1, keepdims=True).astype(np.float32)
        item_ids = tuple(meta["item_ids"])
        return cls(
            version=version,
            item_ids=item_ids,
            position={item_id: position for position, item_id in enumerate(item_ids)},
            items=items,
            unit_items=items / np.maximum(lengths, np.finfo(np.float32).tiny),
            biases=np.asarray(arrays["item_biases"], np.float32),
            countries=dict(zip(meta["countries"], arrays["countries"], strict=True)),
            popular_lately=spread(arrays["popular_lately"], arrays["categories"]),
            popular_ever=spread(arrays["popular_ever"], arrays["categories"]),
            typical_length=float(meta["typical_length"]),
        )

    def scores(self, vector: Floats) -> Floats:
        """Return the score of each item for a profile's vector [k + 1]."""
        # A profile's own bias moves all its scores alike, so it does not take part.
        scores: Floats = self.items @ vector[:-1] + self.biases
        return scores


class _Held:
    """What this process holds, and which version it could not load until when."""

    model: LiveModel | None = None
    failed_version: int | None = None
    retry_at: float = 0.0


_lock = threading.Lock()


def live_model(version: int | None) -> LiveModel | None:
    """Return the model to rank with when Redis says that this version is live.

    Loads it when it is another than the held one: the only time that SQL is asked, besides the
    catalogue every few seconds. A version that cannot be loaded leaves the held one in place, and
    is tried again after half a minute. None when no model is live.
    """
    refresh_availability()
    if version is None:
        return None
    held = _Held.model
    if held is not None and held.version == version:
        return held
    with _lock:
        return _load(version)


def forget_model() -> None:
    """Hold nothing."""
    _Held.model = _Held.failed_version = None


@lru_cache(maxsize=4)
def allowed_mask(model: LiveModel, item_ids: frozenset[str] | None) -> Bools:
    """Return which of the model's items are among these: bool [n]; all when None."""
    if item_ids is None:
        return np.ones(len(model.item_ids), np.bool_)
    return np.fromiter((i in item_ids for i in model.item_ids), np.bool_, len(model.item_ids))


def load_model(version: ModelVersion) -> LiveModel:
    """Return a version's model from its files; raises ArtifactDamaged."""
    return LiveModel.of(version.number, *artifacts.load(version.folder, version.checksum))


def _load(version: int) -> LiveModel | None:
    if _Held.model and _Held.model.version == version:
        return _Held.model
    if _Held.failed_version == version and time.monotonic() < _Held.retry_at:
        return _Held.model
    try:
        _Held.model = load_model(ModelVersion.objects.get(kind=KIND, number=version))
    except (DatabaseError, ModelVersion.DoesNotExist, artifacts.ArtifactDamaged):
        logger.exception("Model %s cannot be loaded; the one before stays.", version)
        _Held.failed_version = version
        _Held.retry_at = time.monotonic() + SECONDS_BEFORE_RETRY
    return _Held.model
