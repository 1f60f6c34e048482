"""The ways in which a list of items is made.

A strategy answers a Listing, or None where it has nothing to go by; the next in its chain is then
asked. None of them reads anything but what it is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from personalization.profiles.facts import Facts
from personalization.recommender.folding import Act, describe, moved, vector_of_acts
from personalization.recommender.live import Bools, Floats, Ints, LiveModel, allowed_mask


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is wanted for; `available` None: every item may be shown.

    `acts` are the latest ones with items that the model knows; `left_out` stays off every list.
    """

    model: LiveModel | None
    vector: bytes | None
    facts: Facts
    limit: int
    item_id: str | None
    available: frozenset[str] | None
    acts: tuple[Act, ...]
    left_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """Items, best first, and why these; `key` names the reason for programs."""

    item_ids: tuple[str, ...]
    key: str
    reason: str


Strategy = Callable[[Asked], Listing | None]


def recommended(asked: Asked) -> Listing | None:
    """List what this visitor may want, by what is stored, what is new, or the country."""
    model = asked.model
    if model is None:
        return None
    taste = _taste(asked, model)
    if taste is None:
        return None
    vector, key, reason = taste
    chosen = _best(model.scores(vector), _mask(asked, model), asked.limit)
    return Listing(_names(model, chosen), key, reason)


def similar(asked: Asked) -> Listing | None:
    """List what is nearest to one item, by the cosine of embeddings."""
    model = asked.model
    if model is None or asked.item_id is None or asked.item_id not in model.position:
        return None
    scores = model.unit_items @ model.unit_items[model.position[asked.item_id]]
    chosen = _best(scores, _mask(asked, model), asked.limit)
    return Listing(_names(model, chosen), "similar", "Similar to this item")


def popular_lately(asked: Asked) -> Listing | None:
    """List what most people turned to in the last month, spread over categories."""
    if asked.model is None:
        return None
    chosen = _first_allowed(asked, asked.model, asked.model.popular_lately)
    return Listing(chosen, "popular_lately", "Popular this month")


def popular_ever(asked: Asked) -> Listing | None:
    """List what most people ever turned to, spread over categories."""
    if asked.model is None:
        return None
    chosen = _first_allowed(asked, asked.model, asked.model.popular_ever)
    return Listing(chosen, "popular_ever", "Always popular")


def recently_viewed(asked: Asked) -> Listing | None:
    """List what the visitor viewed, newest first, each item once; needs no model."""
    views = (act[2] for act in reversed(asked.facts.get("recent", [])) if act[1] == "item_view")
    seen = [
        item_id
        for item_id in dict.fromkeys(views)
        if item_id not in asked.left_out and (asked.available is None or item_id in asked.available)
    ]
    return Listing(tuple(seen[: asked.limit]), "recently_viewed", "You viewed these lately")


STRATEGIES: Final[Mapping[str, Strategy]] = {
    "recommended": recommended,
    "similar": similar,
    "popular": popular_lately,
    "popular_ever": popular_ever,
    "recently_viewed": recently_viewed,
}
CHAINS: Final[Mapping[str, tuple[str, ...]]] = {
    "recommended": ("recommended", "popular", "popular_ever"),
    "similar": ("similar", "popular", "popular_ever"),
    "popular": ("popular", "popular_ever"),
    "recently_viewed": ("recently_viewed", "popular", "popular_ever"),
}


def _taste(asked: Asked, model: LiveModel) -> tuple[Floats, str, str] | None:
    acts, stored = asked.acts, _decoded(asked.vector, model)
    if acts and stored is not None:
        return moved(stored, acts, model=model), "like_latest", f"Like {describe(acts)}"
    if acts:
        return vector_of_acts(acts, model=model), "like_latest", f"Like {describe(acts)}"
    if stored is not None:
        return stored, "taste", "Chosen for your taste"
    country = str(asked.facts.get("traits", {}).get("country", ""))
    if country in model.countries:
        return model.countries[country], "country", f"Liked by visitors from {country}"
    return None


def _decoded(vector: bytes | None, model: LiveModel) -> Floats | None:
    if vector is None:
        return None
    decoded = np.frombuffer(vector, np.float32)
    # A vector of another version can arrive while this process changes over.
    return decoded if decoded.size == model.items.shape[1] + 1 else None


def _mask(asked: Asked, model: LiveModel) -> Bools:
    mask = allowed_mask(model, asked.available).copy()
    for item_id in asked.left_out:
        if item_id in model.position:
            mask[model.position[item_id]] = False
    return mask


def _best(scores: Floats, mask: Bools, limit: int) -> Ints:
    passing = np.flatnonzero(mask)
    limit = min(limit, passing.size)
    if limit == 0:
        return passing[:0]
    passed = scores[passing]
    top = np.argpartition(-passed, limit - 1)[:limit]
    return passing[top[np.argsort(-passed[top], kind="stable")]]


def _first_allowed(asked: Asked, model: LiveModel, order: Ints) -> tuple[str, ...]:
    mask = _mask(asked, model)
    return _names(model, order[mask[order]][: asked.limit])


def _names(model: LiveModel, positions: Ints) -> tuple[str, ...]:
    return tuple(model.item_ids[position] for position in positions.tolist())
