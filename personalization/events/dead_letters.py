"""Accepted events that could not be stored: who they are of, masked, and their way back."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.conf import settings

from consent.keyspaces import patient_redis_connection
from consent.subjects import Identifier
from personalization.events.accepted import AcceptedEvent, NoEvent
from personalization.streams.burying import Buried, buried, find_buried, revive, throw_away
from personalization.streams.stream import DEAD_EVENTS, Payload

logger = logging.getLogger(__name__)

UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the admin shows of one dead letter."""

    id: str
    buried_at: datetime
    reason: str
    type: str
    events: int
    visitor: str  # the end of a pseudonym

    @property
    def can_return(self) -> bool:
        """Whether it is an event at all; what is none would only be buried again."""
        return self.type != UNREADABLE


@dataclass(slots=True)
class Returned:
    """What became of letters that were sent back."""

    revived: int = 0
    unreadable: int = 0
    gone: int = 0


def dead_letters(*, after: str = "", limit: int) -> list[Letter]:
    """Return the letters behind this id, oldest first."""
    return [_letter(one) for one in islice(buried(after=after), limit)]


def dead_letter_ids() -> list[str]:
    """Return the ids of all letters there are now."""
    return [one.id for one in buried()]


def send_back(ids: Iterable[str]) -> Returned:
    """Let letters wait to be stored again, in the shard of their visitor, each once."""
    done = Returned()
    for entry in _found(ids, done):
        events = [event_of(payload) for payload in entry.payloads]
        keyed = [
            (event.visitor, payload)
            for event, payload in zip(events, entry.payloads, strict=True)
            if event is not None
        ]
        if len(keyed) < len(events):
            done.unreadable += 1
        elif revive(entry.id, keyed=keyed):
            done.revived += 1
        else:
            done.gone += 1
    return done


def delete_letters(ids: Iterable[str]) -> int:
    """Delete letters for good, and return how many there were."""
    return sum(throw_away(one) for one in ids)


def delete_old_letters(*, now: datetime) -> int:
    """Delete letters that nobody sent back in DEAD_LETTERS_KEPT_DAYS; return how many."""
    before = now - timedelta(days=settings.DEAD_LETTERS_KEPT_DAYS)
    # A letter's id begins with when it was buried, in milliseconds.
    minid = int(before.timestamp() * 1_000)
    deleted = patient_redis_connection().xtrim(DEAD_EVENTS, minid=minid, approximate=False)
    if deleted:
        logger.warning("%d dead letters were deleted: nobody sent them back in time.", deleted)
    return int(deleted)


def event_of(payload: Payload) -> AcceptedEvent | None:
    """Return the event in a payload; None: it is no event."""
    try:
        return AcceptedEvent.from_wire(payload)
    except NoEvent:
        return None


def _found(ids: Iterable[str], done: Returned) -> Iterator[Buried]:
    for one in ids:
        entry = find_buried(one)
        if entry is None:
            done.gone += 1
        else:
            yield entry


def _letter(entry: Buried) -> Letter:
    events = [event for payload in entry.payloads if (event := event_of(payload)) is not None]
    is_whole = len(events) == len(entry.payloads) > 0
    kinds = sorted({str(event.type) for event in events}) if is_whole else [UNREADABLE]
    return Letter(
        id=entry.id,
        buried_at=entry.buried_at,
        reason=entry.reason,
        type=", ".join(kinds),
        events=len(entry.payloads),
        visitor=_masked(events[0]) if is_whole else "",
    )


def _masked(event: AcceptedEvent) -> str:
    kind = "anonymous" if event.anonymous_id else "user"
    return f"…{Identifier(kind, str(event.visitor)).pseudonym[-6:]}"
