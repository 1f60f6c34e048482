"""Makers of a small shop with two tastes."""

import uuid
from datetime import UTC, datetime

from catalog.models import Category, Item
from personalization.events.models import Event
from personalization.events.partitions import ensure_partitions
from personalization.profiles.models import Profile

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ITEMS_A_TASTE = 30
PROFILES = 90
ITEMS_A_PROFILE = 15
TASTES = ("lanterns", "mugs")


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


def make_profiles(number: int = PROFILES) -> list[Profile]:
    countries = ("France", "Germany")
    return Profile.objects.bulk_create(
        Profile(facts={"traits": {"country": countries[n % 2]}}) for n in range(number)
    )
