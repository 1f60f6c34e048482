"""How stored and waiting events are given and forgotten."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from consent.stores import Person
from consent.subjects import Identifier
from personalization.events.dead_letters import event_of
from personalization.events.models import Event, RefusedEvent
from personalization.events.setting_apart import as_it_came
from personalization.identifiers.kinds import current_kinds
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
            for payload in payloads:
                if _is_of(payload, person):
                    event = event_of(payload)
                    yield {
                        "occurred_at": event.occurred_at if event else None,
                        "type": event.type if event else "",
                    }

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Drop entries that hold this person's events only.

        The events that wait among other people's are dropped by the consumer, which asks for
        consent again: by then the person has none.
        """
        dropped = 0
        for name, entry_id, payloads in stream.waiting():
            if all(_is_of(payload, person) for payload in payloads):
                stream.remove(name, entry_id)
                dropped += len(payloads)
        return {"events dropped while they waited": dropped}


class RefusedEvents:
    """Events that were refused or kept aside, for seven days."""

    name = "refused events"
    covers = frozenset({"events.RefusedEvent"})
    exceptions: tuple[str, ...] = ()

    def count(self, person: Person) -> int:
        """Return the number of refused events that are kept."""
        return self._of(person).count()

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """Yield the events as they came, and why they were refused; raises UnknownKey."""
        for row in self._of(person).order_by("received_at").iterator():
            yield {
                "received_at": row.received_at,
                "type": row.type,
                "reason": f"{row.field}: {row.reason}",
                "event": json.dumps(as_it_came(row)),
            }

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete them."""
        self._of(person).delete()
        return {}

    def _of(self, person: Person) -> QuerySet[RefusedEvent]:
        return RefusedEvent.objects.filter(pseudonyms__overlap=sorted(person.pseudonyms))


def _is_of(payload: stream.Payload, person: Person) -> bool:
    event = event_of(payload)
    if event is None:  # was buried for it; every text in it might be an identifier
        return not person.pseudonyms.isdisjoint(_possible_pseudonyms(payload))
    return not person.pseudonyms.isdisjoint(
        {*event.subject.pseudonyms, *event.identifiers.values()}
    )


def _possible_pseudonyms(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from (Identifier(kind, value).pseudonym for kind in current_kinds().keys)
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _possible_pseudonyms(part)
