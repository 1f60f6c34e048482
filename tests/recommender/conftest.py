"""A small shop with two tastes, so that a model has something to find."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.models import Category, Item
from personalization.events.models import Event
from personalization.events.partitions import ensure_partitions
from personalization.profiles.models import Profile
from personalization.recommender.availability import forget_availability
from personalization.recommender.live import forget_model

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ITEMS_A_TASTE = 30
PROFILES = 120
ITEMS_A_PROFILE = 15
TASTES = ("lanterns", "mugs")


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


def make_event(
    profile: Profile,
    item_id: str,
    *,
    at: datetime,
    kind: str = "purchase",
    purposes: tuple[str, ...] = ("analytics", "training"),
    value: float = 5.0,
) -> Event:
    return Event(
        id=uuid.uuid4(),
        occurred_at=at,
        received_at=at,
        profile_id=profile.pk,
        type=kind,
        item_id=item_id,
        value=value if kind in {"purchase", "refund"} else None,
        properties={},
        context={},
        purposes=list(purposes),
    )


def store(events: list[Event]) -> None:
    ensure_partitions(event.occurred_at for event in events)
    Event.objects.bulk_create(events)


def make_items() -> list[Item]:
    items = []
    for taste in TASTES:
        category = Category.objects.create(key=taste, name=taste.title())
        items += [
            Item(item_id=f"{taste}-{n}", name=f"{taste} number {n}", price=1, category=category)
            for n in range(ITEMS_A_TASTE)
        ]
    return Item.objects.bulk_create(items)


def make_profiles() -> list[Profile]:
    countries = ("France", "Germany")
    return Profile.objects.bulk_create(
        Profile(facts={"traits": {"country": countries[n % 2]}}) for n in range(PROFILES)
    )


@pytest.fixture
def shop(db: None) -> list[Profile]:
    """120 profiles; those with an even place buy lanterns, the others mugs."""
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
