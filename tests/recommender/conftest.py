"""A small shop with two tastes, so that a model has something to find."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personalization.profiles.models import Profile
from personalization.recommender.availability import forget_availability
from personalization.recommender.live import forget_model
from tests.recommender.shop import (
    ITEMS_A_PROFILE,
    ITEMS_A_TASTE,
    NOON,
    TASTES,
    make_event,
    make_items,
    make_profiles,
    store,
)


@pytest.fixture(autouse=True)
def own_processes_memory(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.ARTIFACT_DIR = tmp_path / "artifacts"
    # No collected static files are needed to look at the admin.
    settings.WHITENOISE_AUTOREFRESH = True
    forget_model()
    forget_availability()
    yield
    forget_model()
    forget_availability()


@pytest.fixture
def shop(db: None) -> list[Profile]:
    """90 profiles; those with an even place buy lanterns, the others mugs."""
    rng = np.random.default_rng(7)
    make_items()
    profiles = make_profiles()
    events = []
    for place, profile in enumerate(profiles):
        taste = TASTES[place % 2]
        for n in rng.permutation(ITEMS_A_TASTE)[:ITEMS_A_PROFILE].tolist():
            at = NOON - timedelta(days=float(rng.uniform(0, 50)))
            events.append(make_event(profile, f"{taste}-{n}", at=at))
    store(events)
    return profiles


@pytest.fixture
def newcomers(shop: list[Profile]) -> list[Profile]:
    """20 profiles who came in the last week, and took to what their country likes."""
    profiles = make_profiles(20)
    store(
        [
            make_event(profile, f"{TASTES[place % 2]}-{n}", at=NOON - timedelta(days=1))
            for place, profile in enumerate(profiles)
            for n in range(8)
        ]
    )
    return profiles


@pytest.fixture
def acts() -> Callable[..., dict[str, Any]]:
    """Return a maker of facts from (type, item) pairs, the last one an instant ago."""

    def make(*pairs: tuple[str, str], country: str | None = None) -> dict[str, Any]:
        newest = int(NOON.timestamp())
        recent = [
            [newest - 60 * (len(pairs) - place), kind, item_id, ""]
            for place, (kind, item_id) in enumerate(pairs)
        ]
        return {"recent": recent, "traits": {"country": country} if country else {}}

    return make
