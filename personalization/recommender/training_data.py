"""Gather everything that a training run learns from and is judged on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from personalization.recommender.features import (
    DescribedItem,
    Features,
    item_features,
    read_countries,
    read_items,
    user_features,
)
from personalization.recommender.interactions import (
    LEARNED,
    Interactions,
    find_cut,
    order_values,
    read_interactions,
)

LEARNED_SHARE: Final = 0.8
# What Amazon Personalize asks for at least.
FEWEST_INTERACTIONS: Final = 1_000
FEWEST_PROFILES_WITH_TWO: Final = 25


class NotEnoughData(Exception):
    """A model would learn, or be judged on, too little; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Interactions with their features; `countries` by profile id, `categories` by item id.

    `cut`: learned from up to here; `judged_after`: judged on what came later than this.
    """

    interactions: Interactions
    item_features: Features
    user_features: Features
    countries: Mapping[int, str]
    categories: Mapping[str, str]
    cut: datetime
    judged_after: datetime


def read_training_data(*, live_until: datetime | None) -> tuple[Interactions, datetime, datetime]:
    """Read interactions, the cut, and the moment after which they judge.

    The cut is the 80 % quantile of interaction time. `live_until` is where the live model stopped
    learning: usually earlier, but later than the cut when old data went; then judging starts there,
    for a model may not be judged on what it learned. Raises NotEnoughData.
    """
    cut = find_cut(quantile=LEARNED_SHARE)
    if cut is None:
        raise NotEnoughData("No visitor who allows training has done anything with an item yet.")
    judged_after = max(cut, live_until or cut)
    catalogue = tuple(item.item_id for item in read_items())
    interactions = read_interactions(cut=cut, judged_after=judged_after, catalogue=catalogue)
    demand_enough(interactions)
    return interactions, cut, judged_after


def describe_training_data(
    interactions: Interactions, *, cut: datetime, judged_after: datetime
) -> TrainingData:
    """Return the interactions with the features of items and profiles from the database."""
    return with_features(
        interactions,
        items=read_items(),
        countries=read_countries(),
        order_values=order_values(cut=cut),
        cut=cut,
        judged_after=judged_after,
    )


def with_features(
    interactions: Interactions,
    *,
    items: tuple[DescribedItem, ...],
    countries: Mapping[int, str],
    order_values: Mapping[int, float],
    cut: datetime,
    judged_after: datetime,
) -> TrainingData:
    """Return the interactions with the features of these items and profiles."""
    categories = {item.item_id: item.category for item in items}
    users = user_features(
        interactions, countries=countries, order_values=order_values, categories=categories
    )
    return TrainingData(
        interactions=interactions,
        item_features=item_features(items, interactions),
        user_features=users,
        countries=countries,
        categories=categories,
        cut=cut,
        judged_after=judged_after,
    )


def demand_enough(interactions: Interactions) -> None:
    """Raise NotEnoughData when too few profiles turned to too few items before the cut."""
    per_profile = np.diff(interactions.matrix(LEARNED).indptr)
    pairs, with_two = int(per_profile.sum()), int((per_profile > 1).sum())
    if pairs < FEWEST_INTERACTIONS or with_two < FEWEST_PROFILES_WITH_TWO:
        raise NotEnoughData(
            f"There are {pairs:,} interactions and {with_two:,} visitors with two or more; "
            f"a model needs {FEWEST_INTERACTIONS:,} and {FEWEST_PROFILES_WITH_TWO}."
        )
