"""The tables of this room."""

from personalization.events.models.exchange import ExchangeRate
from personalization.events.models.refused import DeadLetter, RefusedEvent
from personalization.events.models.standards import (
    EventMapping,
    EventSchema,
    IntakePolicy,
    OrdinaryValue,
)
from personalization.events.models.stored import Event, SeenMessage

__all__ = [
    "DeadLetter",
    "Event",
    "EventMapping",
    "EventSchema",
    "ExchangeRate",
    "IntakePolicy",
    "OrdinaryValue",
    "RefusedEvent",
    "SeenMessage",
]
