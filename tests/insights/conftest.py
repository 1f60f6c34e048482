"""Stored events, made quickly."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from personalization.events.models import Event
from personalization.events.partitions import _known, ensure_partitions
from tests.factories import NOON

Store = Callable[..., None]


@pytest.fixture
def store(db: None) -> Iterator[Store]:
    """Store `n` events, evenly over the days before a moment, with properties by their number."""

    def make(
        n: int,
        *,
        days: float = 7,
        until: datetime = NOON,
        properties: Callable[[int], dict[str, Any]] = lambda n: {},
        **fields: Any,
    ) -> None:
        moments = [until - timedelta(days=days) * (k + 0.5) / n for k in range(n)]
        with transaction.atomic():
            ensure_partitions(moments)
        Event.objects.bulk_create(
            _event(k, moment, properties(k), fields) for k, moment in enumerate(moments)
        )

    yield make
    _known.clear()  # the partitions are rolled back


def _event(k: int, moment: datetime, properties: dict[str, Any], fields: dict[str, Any]) -> Event:
    defaults = {
        "type": "item_view",
        "occurred_at": moment,
        "received_at": moment,
        "source": "page",
        "context": {},
        "purposes": [],
        "flags": [],
        "profile_id": k % 50,
    }
    return Event(id=uuid.uuid4(), properties=properties, **{**defaults, **fields})
