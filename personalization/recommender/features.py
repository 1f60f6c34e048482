"""What is known of items and profiles, as the matrices that the hybrid model learns from."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from catalog.models import Item
from personalization.profiles.models import Profile
from personalization.recommender.interactions import LEARNED, Interactions

Matrix = Any  # scipy.sparse has no types
Weighted = Mapping[str, float]

WORD: Final = re.compile(r"[^\W\d_]{3,}")
# A word of two names is a coincidence; one in a third of all names tells items apart from none.
FEWEST_NAMES: Final = 3
LARGEST_SHARE: Final = 0.3
ITEM_WEIGHTS: Final = {"identity": 1.0, "words": 1.0, "category": 0.3, "tags": 0.3}
# Small, so that what a person did outweighs what kind of person it is.
TRAIT_WEIGHT: Final = 0.1
ACTIVITY_EDGES: Final = (1, 5, 20, 100)
ORDER_VALUE_EDGES: Final = (50, 150, 300, 600)


@dataclass(frozen=True, slots=True)
class DescribedItem:
    """An item as the model sees it; `category` is a key."""

    item_id: str
    name: str
    category: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Features:
    """A matrix of rows by features, CSR, and the features' names in column order."""

    matrix: Matrix
    names: tuple[str, ...]


def read_items() -> tuple[DescribedItem, ...]:
    """Return the whole catalogue, the unavailable too: interest in it says something."""
    rows = Item.objects.order_by("item_id").values_list("item_id", "name", "category__key", "tags")
    return tuple(DescribedItem(row[0], row[1], row[2], tuple(row[3])) for row in rows)


def read_countries() -> dict[int, str]:
    """Return the stated country of each profile that has one."""
    stated = Profile.objects.filter(facts__traits__country__isnull=False)
    rows = stated.values_list("pk", "facts__traits__country").iterator(chunk_size=10_000)
    return {profile_id: str(country) for profile_id, country in rows}


def item_features(items: Sequence[DescribedItem], interactions: Interactions) -> Features:
    """Return identity, category, tags and TF-IDF words of each item.

    Only items that were learned from get an identity: a cold item is the sum of what it shares
    with others, without the noise of an embedding that nobody trained.
    """
    described = {item.item_id: item for item in items}
    words = _tfidf([described[i].name if i in described else "" for i in interactions.item_ids])
    seen = np.diff(interactions.matrix(LEARNED).tocsc().indptr) > 0
    rows = [
        _of_item(item_id, described.get(item_id), words[position], known=bool(seen[position]))
        for position, item_id in enumerate(interactions.item_ids)
    ]
    return _as_matrix(rows)


def user_features(
    interactions: Interactions,
    *,
    countries: Mapping[int, str],
    order_values: Mapping[int, float],
    categories: Mapping[str, str],
) -> Features:
    """Return identity, country and behaviour of each profile.

    Behaviour is read from what was learned, not from the profile's facts: those know already
    what the model is to be judged on. `categories` maps item ids to category keys.
    """
    learned = interactions.matrix(LEARNED)
    favourites = _favourites(learned, [categories.get(i, "") for i in interactions.item_ids])
    rows = []
    for position, profile_id in enumerate(interactions.profile_ids.tolist()):
        activity = int(learned.indptr[position + 1] - learned.indptr[position])
        traits = {
            "country": countries.get(profile_id),
            "favourite": favourites[position],
            "activity": _bucket(activity, ACTIVITY_EDGES) if activity else None,
            "order_value": _bucket(order_values.get(profile_id), ORDER_VALUE_EDGES),
        }
        identity = {f"profile:{profile_id}": 1.0} if activity else {}
        rows.append(identity | _traits(traits))
    return _as_matrix(rows)


def _of_item(
    item_id: str, item: DescribedItem | None, words: Weighted, *, known: bool
) -> dict[str, float]:
    row = {f"word:{word}": ITEM_WEIGHTS["words"] * weight for word, weight in words.items()}
    if known:
        row[f"item:{item_id}"] = ITEM_WEIGHTS["identity"]
    if item:
        row[f"category:{item.category}"] = ITEM_WEIGHTS["category"]
        row |= {f"tag:{t}": ITEM_WEIGHTS["tags"] / math.sqrt(len(item.tags)) for t in item.tags}
    return row


def _traits(values: Mapping[str, str | None]) -> dict[str, float]:
    return {f"{name}:{value}": TRAIT_WEIGHT for name, value in values.items() if value}


def _tfidf(names: Sequence[str]) -> list[dict[str, float]]:
    # Sparck Jones (1972); each row is scaled to length 1, so long names weigh no more.
    documents = [sorted(set(WORD.findall(name.lower()))) for name in names]
    frequency = Counter(word for document in documents for word in document)
    most = LARGEST_SHARE * len(names)
    idf = {w: math.log(len(names) / n) for w, n in frequency.items() if FEWEST_NAMES <= n <= most}
    return [_unit({word: idf[word] for word in document if word in idf}) for document in documents]


def _unit(row: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight**2 for weight in row.values())) or 1.0
    return {name: weight / length for name, weight in row.items()}


def _favourites(learned: Matrix, category_of_item: Sequence[str]) -> list[str | None]:
    keys = sorted(set(category_of_item))
    column = {key: position for position, key in enumerate(keys)}
    columns = [column[key] for key in category_of_item]
    ones = np.ones(len(columns), np.float32)
    member = sparse.csr_matrix((ones, (range(len(columns)), columns)), (len(columns), len(keys)))
    totals: NDArray[np.float32] = (learned @ member).toarray()
    best = totals.argmax(axis=1).tolist()
    return [
        keys[choice] if total > 0 else None
        for choice, total in zip(best, totals.max(axis=1, initial=0).tolist(), strict=True)
    ]


def _bucket(value: float | None, edges: Sequence[int]) -> str | None:
    if value is None:
        return None
    return str(sum(value > edge for edge in edges))


def _as_matrix(rows: Iterable[Mapping[str, float]]) -> Features:
    names: dict[str, int] = {}
    indptr, indices = [0], list[int]()
    values = list[float]()
    for row in rows:
        indices += [names.setdefault(name, len(names)) for name in row]
        values += row.values()
        indptr.append(len(indices))
    entries = (np.array(values, np.float32), np.array(indices, np.int32), np.array(indptr))
    return Features(
        sparse.csr_matrix(entries, (len(indptr) - 1, len(names)), dtype=np.float32), tuple(names)
    )
