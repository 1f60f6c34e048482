"""Bound what a call becomes: an order is an event for each of its lines, so a call grows here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.conf import settings

from personalization.doors.translated import Outcome, Translated, take_in
from personalization.events.tracking import Refusal

TOO_LARGE: Final = (
    "Its lines make more than {bytes:,} bytes. Say in fewer words what they share, or send fewer."
)
TOO_MANY: Final = (
    "With its lines the call is more than {count:,} events or {bytes:,} bytes. Send it in a call of"
    " its own."
)


@dataclass(slots=True)
class Room:
    """What a portion still has room for: as much as the largest call of single events holds."""

    events: int
    bytes: int

    @classmethod
    def of_a_call(cls) -> "Room":
        """Return the room of an empty portion."""
        return cls(settings.EVENT_BATCH_COUNT, settings.EVENT_BATCH_BYTES)

    def take(self, message: Translated) -> bool:
        """Return whether the message's events fit in, and count them if so."""
        size = _size(message)
        if len(message.events) > self.events or size > self.bytes:
            return False
        self.events -= len(message.events)
        self.bytes -= size
        return True


def within_one(messages: Iterable[Translated]) -> Iterator[Translated]:
    """Yield the messages; those that make the call too large are refused."""
    room = Room.of_a_call()
    for message in map(_bounded, messages):
        yield message if room.take(message) else _refused(message, TOO_MANY)


def take_in_portions(
    messages: Sequence[Translated],
    *,
    now: datetime,
    source: str,
    vouched: Iterable[str],
    patient: bool = False,
) -> Outcome:
    """Accept what is valid and consented to, a portion at a time.

    Raises StreamUnavailable; portions before are in then, and count once when they come again.
    """
    accepted, place = 0, 0
    refused: list[Refusal] = []
    for portion in _portions(messages):
        outcome = take_in(portion, now=now, source=source, vouched=vouched, patient=patient)
        accepted += outcome.accepted
        refused += [replace(one, index=place + one.index) for one in outcome.refused]
        place += len(portion)
    return Outcome(accepted, tuple(refused))


def _portions(messages: Sequence[Translated]) -> Iterator[list[Translated]]:
    room = Room.of_a_call()
    portion: list[Translated] = []
    for message in map(_bounded, messages):
        if not room.take(message):
            yield portion
            portion, room = [], Room.of_a_call()
            room.take(message)
        portion.append(message)
    yield portion


def _bounded(message: Translated) -> Translated:
    return message if Room.of_a_call().take(message) else _refused(message, TOO_LARGE)


def _refused(message: Translated, why: str) -> Translated:
    said = why.format(count=settings.EVENT_BATCH_COUNT, bytes=settings.EVENT_BATCH_BYTES)
    return replace(message, events=(), refusal=("properties", said))


def _size(message: Translated) -> int:
    # What is one event is no longer than it was sent, and sent it was within bounds. As Python
    # writes it is near enough, and what JSON could not write is refused by its name later.
    return len(str(message.events)) if len(message.events) > 1 else 0
