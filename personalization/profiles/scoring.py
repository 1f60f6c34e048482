"""How recently, how often and for how much visitors buy, and how engaged they are.

RFM scores run from 1 to 5, by quintiles among everybody who bought within a year: 5 is the most
recent, the most frequent, the most money (A. M. Hughes, Strategic Database Marketing, 1994).
Equals get equal scores. Engagement is a sum of acts, weighted by type and halved every 14 days.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Final

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from personalization.profiles.facts import SECONDS_PER_DAY, Facts, count_within
from personalization.profiles.models import Profile
from personalization.profiles.remembering import lock_facts, mirror_facts, read_facts, write_facts

RFM: Final = ("rfm_recency", "rfm_frequency", "rfm_monetary")
ENGAGEMENT: Final = "engagement"
YEAR: Final = 365
QUINTILES: Final = (0.2, 0.4, 0.6, 0.8)
HALF_LIFE_DAYS: Final = 14
# What an act says of interest; a type that is not listed counts one.
WEIGHTS: Final[Mapping[str, float]] = {
    "exposure": 0,
    "impression": 0,
    "identify": 0,
    "session": 0,
    "item_view": 2,
    "search": 2,
    "add_to_cart": 5,
    "purchase": 10,
}
PROFILES_AT_ONCE: Final = 500

Measured = tuple[float, float, float]


def score_profiles(*, now: datetime) -> int:
    """Score every profile, write and mirror what changed, and return how many that were.

    Two passes: quintiles need everybody. Memory: a few numbers for each profile.
    """
    buyers: dict[int, Measured] = {}
    engaged: dict[int, float] = {}
    for profile_id, facts in _all_facts():
        engaged[profile_id] = engagement(facts, now=now)
        bought = measure_purchases(facts, now=now)
        if bought is not None:
            buyers[profile_id] = bought
    rfm = _quintiles(buyers)
    changed = 0
    ids = iter(engaged)
    while batch := list(islice(ids, PROFILES_AT_ONCE)):
        changed += _write({pk: {**rfm.get(pk, {}), ENGAGEMENT: engaged[pk]} for pk in batch})
    return changed


def measure_purchases(facts: Facts, *, now: datetime) -> Measured | None:
    """Return -days since the last purchase, orders and money of a year; None without any."""
    orders = count_within(facts["counts"].get("purchase", {}), window=YEAR, now=now)
    if not orders:
        return None
    spent = count_within(facts["sums"].get("purchase", {}), window=YEAR, now=now)
    returned = count_within(facts["sums"].get("refund", {}), window=YEAR, now=now)
    today = int(now.timestamp()) // SECONDS_PER_DAY
    days = today - facts["last"]["purchase"] // SECONDS_PER_DAY
    return -days, orders, spent - abs(returned)


def engagement(facts: Facts, *, now: datetime) -> float:
    """Return the weighted, fading sum of acts, with one decimal."""
    today = int(now.timestamp()) // SECONDS_PER_DAY
    total: float = sum(
        WEIGHTS.get(kind, 1) * n * 0.5 ** (max(today - int(day), 0) / HALF_LIFE_DAYS)
        for kind, days in facts["counts"].items()
        for day, n in days.items()
    )
    return round(total, 1)


def _quintiles(buyers: Mapping[int, Measured]) -> dict[int, dict[str, int]]:
    if not buyers:
        return {}
    measured: NDArray[np.float64] = np.array(list(buyers.values()), dtype=np.float64)
    columns = [np.searchsorted(np.quantile(c, QUINTILES), c, side="left") + 1 for c in measured.T]
    return {
        profile_id: dict(zip(RFM, map(int, scores), strict=True))
        for profile_id, scores in zip(buyers, zip(*columns, strict=True), strict=True)
    }


def _all_facts() -> Iterator[tuple[int, Facts]]:
    for ids in Profile.objects.exclude(facts={}).id_batches(PROFILES_AT_ONCE):
        yield from read_facts(ids).items()


@transaction.atomic
def _write(scores_of: Mapping[int, Mapping[str, float]]) -> int:
    """Put our scores beside those of models, where they differ."""
    changed = {}
    for profile_id, facts in lock_facts(scores_of).items():
        others = {k: v for k, v in facts["scores"].items() if k not in {*RFM, ENGAGEMENT}}
        scores = {**others, **scores_of[profile_id]}
        if scores != facts["scores"]:
            changed[profile_id] = {**facts, "scores": scores}
    write_facts(changed)
    mirror_facts(changed)
    return len(changed)
