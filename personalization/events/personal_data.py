"""How stored and waiting events are given and forgotten."""

from collections.abc import Iterator, Mapping
from typing import Any

from consent.stores import Person
from personalization.events.accepted import AcceptedEvent
from personalization.events.models import Event
from personalization.streams import stream


class EventStore:
    """The event table."""

    name = "events"
    covers = frozenset({"events.Event"})
    exceptions = (
        "Digests of message ids stay, so that an erased event cannot be sent again; they lead to"
        " no person.",
    )

    def count(self, person: Person) -> int:
        """Return the number of stored events."""
        return Event.objects.filter(profile_id__in=person.profile_ids).count()

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """Yield the events, oldest first."""
        fields = ("occurred_at", "type", "properties", "context", "purposes")
        events = Event.objects.filter(profile_id__in=person.profile_ids).order_by("occurred_at")
        yield from events.values(*fields).iterator()

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete the events."""
        Event.objects.filter(profile_id__in=person.profile_ids).delete()
        return {}


class WaitingEvents:
    """Accepted events that no consumer has stored yet, and those that were buried."""

    name = "waiting events"
    covers = frozenset({f"redis:{stream.EVENTS.prefix}", f"redis:{stream.DEAD.prefix}"})
    exceptions: tuple[str, ...] = ()

    def count(self, person: Person) -> int:
        """Return the number of waiting events of this person."""
        return sum(1 for _ in self.export(person))

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """Yield the waiting events."""
        for _, _, payloads in stream.waiting():
            for event in map(AcceptedEvent.from_wire, payloads):
                if _is_of(event, person):
                    yield {"occurred_at": event.occurred_at, "type": event.type}

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Drop entries that hold this person's events only.

        The events that wait among other people's are dropped by the consumer, which asks for
        consent again: by then the person has none.
        """
        dropped = 0
        for name, entry_id, payloads in stream.waiting():
            if all(_is_of(event, person) for event in map(AcceptedEvent.from_wire, payloads)):
                stream.remove(name, entry_id)
                dropped += len(payloads)
        return {"events dropped while they waited": dropped}


def _is_of(event: AcceptedEvent, person: Person) -> bool:
    return not person.pseudonyms.isdisjoint(
        {*event.subject.pseudonyms, *event.identifiers.values()}
    )
