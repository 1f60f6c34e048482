"""Turn a visitor's latest acts into a vector, so that lists follow what happens now.

Folding in after Sarwar et al. (2002), "Incremental singular value decomposition algorithms for
highly scalable recommender systems", reduced to a weighted mean of item embeddings.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from personalization.profiles.facts import SECONDS_PER_DAY, Facts
from personalization.recommender.live import Floats, LiveModel

WEIGHTS: Final = {"item_view": 1.0, "add_to_cart": 2.0, "purchase": 3.0}
VERBS: Final = {"item_view": "viewed", "add_to_cart": "put in your basket", "purchase": "bought"}
ITEMS_FOLDED: Final = 10
HALF_LIFE_DAYS: Final = 7.0
# Three fresh views move a known visitor half of the way.
WEIGHT_THAT_MOVES_HALFWAY: Final = 3.0
FURTHEST: Final = 0.7


@dataclass(frozen=True, slots=True)
class Act:
    """What a visitor did with an item; `age` in days."""

    type: str
    item_id: str
    age: float

    @property
    def weight(self) -> float:
        """How much it says: more for a purchase than a view, half after each half-life."""
        return WEIGHTS[self.type] * math.pow(0.5, self.age / HALF_LIFE_DAYS)


def latest_acts(facts: Facts, *, model: LiveModel, now: datetime) -> tuple[Act, ...]:
    """Return the latest act with each of the last items that the model knows, newest first."""
    acts: dict[str, Act] = {}
    for seconds, kind, item_id, *_ in reversed(facts.get("recent", [])):
        if kind in WEIGHTS and item_id in model.position and item_id not in acts:
            age = max(0.0, (now.timestamp() - seconds) / SECONDS_PER_DAY)
            acts[item_id] = Act(kind, item_id, age)
        if len(acts) == ITEMS_FOLDED:
            break
    return tuple(acts.values())


def bought_items(facts: Facts) -> frozenset[str]:
    """Return the items among the latest acts that were bought."""
    recent: list[Any] = facts.get("recent", [])
    return frozenset(item_id for _, kind, item_id, *_ in recent if kind == "purchase")


def vector_of_acts(acts: Sequence[Act], *, model: LiveModel) -> Floats:
    """Return the vector [k + 1] of someone who did just this, of a profile's usual length."""
    positions = [model.position[act.item_id] for act in acts]
    # Relative to the newest act: someone who comes back after a year is not a stranger.
    newest = min(act.age for act in acts)
    weights = [Act(act.type, act.item_id, act.age - newest).weight for act in acts]
    mean = np.average(model.items[positions], axis=0, weights=weights)
    length = float(np.linalg.norm(mean)) or 1.0
    return np.append(mean * (model.typical_length / length), 0.0).astype(np.float32)


def moved(stored: Floats, acts: Sequence[Act], *, model: LiveModel) -> Floats:
    """Return a stored vector moved towards the acts, further the more and the fresher they are."""
    weight = sum(act.weight for act in acts)
    share = min(FURTHEST, weight / (weight + WEIGHT_THAT_MOVES_HALFWAY))
    return (1 - share) * stored + share * vector_of_acts(acts, model=model)


def describe(acts: Sequence[Act]) -> str:
    """Return what the visitor did, in English: "the 3 items you viewed lately"."""
    verbs = {VERBS[act.type] for act in acts}
    verb = verbs.pop() if len(verbs) == 1 else "looked at or bought"
    what = "item" if len(acts) == 1 else f"{len(acts)} items"
    return f"the {what} you {verb} lately"
