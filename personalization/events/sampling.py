"""A bounded, even sample of stored events, for statistics.

An event's id is a digest, so the events with the lowest ids are a random sample, and the same one
whenever it is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from personalization.events.models import Event

FEWEST_OF_A_TYPE: Final = 30
MOST_TYPES: Final = 100


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment on up to, and without, another."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Sampled:
    """What statistics need of an event."""

    profile_id: int
    properties: dict[str, Any]
    context: dict[str, Any]
    traits: dict[str, Any]


def sample(*, type: str, period: Period, at_most: int) -> list[Sampled]:
    """Return an even sample of the events of a type that occurred in a period."""
    events = Event.objects.filter(
        type=type, occurred_at__gte=period.start, occurred_at__lt=period.end
    ).order_by("id")[:at_most]
    fields = ("profile_id", "properties", "context", "traits")
    return [Sampled(*row) for row in events.values_list(*fields)]


def types_in(period: Period) -> Iterator[str]:
    """Yield the event types of a period, by name; at most a hundred."""
    events = Event.objects.filter(occurred_at__gte=period.start, occurred_at__lt=period.end)
    yield from events.order_by("type").values_list("type", flat=True).distinct()[:MOST_TYPES]
