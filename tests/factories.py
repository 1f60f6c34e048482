"""Plain makers of what tests need, with every field a test does not care about filled in."""

import uuid
from datetime import UTC, datetime
from typing import Any

from catalog.models import Category, Item
from consent.recording import record_choices
from consent.subjects import Subject
from personalization.access.models import ApiKey

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
EVERYTHING = ("functional", "analytics", "personalization", "training")


def make_category(*, key: str = "lanterns") -> Category:
    """Return a saved category; the same one for the same key."""
    return Category.objects.get_or_create(key=key, defaults={"name": key.title()})[0]


def make_item(
    item_id: str = "1001",
    *,
    name: str = "White Lantern",
    price: str = "3.50",
    category: str = "lanterns",
) -> Item:
    """Return a saved item."""
    return Item.objects.create(
        item_id=item_id, name=name, price=price, category=make_category(key=category)
    )


def make_event(**changes: Any) -> dict[str, Any]:
    """Return an event as a partner sends it."""
    event = {
        "message_id": uuid.uuid4().hex,
        "type": "item_view",
        "occurred_at": NOON.isoformat(),
        "user_id": "anna",
        "properties": {"item_id": "1001", "category": "lanterns"},
    }
    return {name: value for name, value in (event | changes).items() if value is not None}


def make_key(*scopes: str, vouched: tuple[str, ...] = ()) -> str:
    """Return a new API key with these scopes."""
    _, key = ApiKey.objects.create_key(
        name="test", scopes=list(scopes), vouched_purposes=list(vouched)
    )
    return str(key)


def agree(
    *,
    user_id: str | None = None,
    anonymous_id: str | None = None,
    to: tuple[str, ...] = EVERYTHING,
    now: datetime = NOON,
) -> Subject:
    """Record that a visitor agreed to these purposes and refused the others."""
    subject = Subject.of(user_id=user_id, anonymous_id=anonymous_id)
    choices = {purpose: purpose in to for purpose in EVERYTHING}
    record_choices(subject=subject, choices=choices, mechanism="API", now=now)
    return subject
