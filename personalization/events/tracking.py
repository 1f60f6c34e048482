"""Take events in: examine, ask for consent, put them into the stream; keep what was refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import redis
from msgspec.structs import replace

from consent.suppressing import Named, erased_among
from personalization.events.accepted import AcceptedEvent
from personalization.events.agreeing import Agreed, who_agreed
from personalization.events.counting_refusals import count_refusals
from personalization.events.examining import examine_all
from personalization.events.keepable import EventRefused
from personalization.events.refusing import Refused, keep
from personalization.events.standards import standards_in_force
from personalization.events.usual import as_sent
from personalization.streams import stream

CONSENT: Final = "consent"
MICROSECOND: Final = timedelta(microseconds=1)
NO_CONSENT: Final = (
    "This visitor has not agreed to analytics or personalization, so nothing is kept. "
    "Record a choice with POST /api/v1/consents first."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the event at `index` was not accepted."""

    index: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """What became of a batch."""

    accepted: int
    refused: tuple[Refusal, ...]


@dataclass(slots=True)
class Examined:
    """A batch after examination, each event with its place in it."""

    valid: list[tuple[int, AcceptedEvent]]
    refused: list[tuple[int, Refused]]


@dataclass(slots=True)
class Asked:
    """Which valid events may be kept, each with its place in the batch."""

    agreed: Agreed
    allowed: list[tuple[int, AcceptedEvent]] = field(default_factory=list)
    denied: list[tuple[int, AcceptedEvent]] = field(default_factory=list)


def track(
    raw_events: Sequence[Any],
    *,
    now: datetime,
    source: str = "api",
    vouched: Iterable[str] = (),
    patient: bool = False,
) -> Tracked:
    """Accept what is valid and consented to; on return it is safe in the stream.

    `source` names the door they came through. `vouched`: purposes to which it has obtained consent
    of people unknown here. Refused events of people who agreed are kept for a week.
    Raises StreamUnavailable, and then nothing was accepted.
    """
    batch = _examine_all(raw_events, now=now, source=source)
    ask = partial(_ask, batch, vouched=frozenset(vouched), now=now)
    asked = ask(from_memory=True)
    if not _append(asked, patient=patient):
        asked = ask(from_memory=False)  # somebody has chosen anew since
        _append(asked, patient=patient)
    _remember_refusals(batch, asked, now=now, source=source)
    refusals = [Refusal(index, one.field, one.message) for index, one in batch.refused]
    refusals += [Refusal(index, CONSENT, NO_CONSENT) for index, _ in asked.denied]
    return Tracked(len(asked.allowed), tuple(sorted(refusals, key=lambda r: r.index)))


def _ask(batch: Examined, *, vouched: frozenset[str], now: datetime, from_memory: bool) -> Asked:
    """Part the events of those who agreed from the others; raises StreamUnavailable."""
    try:
        kept_away = _kept_away([event for _, event in batch.valid])
        people = [event.who for _, event in batch.valid if event.message_id not in kept_away]
        people += [one.who for _, one in batch.refused]
        agreed = who_agreed(people, vouched=vouched, now=now, from_memory=from_memory)
    except redis.RedisError as error:
        raise stream.StreamUnavailable(
            "Choices cannot be read now. Send it again later."
        ) from error
    asked = Asked(agreed)
    for index, event in batch.valid:
        is_kept = event.who in agreed.people and event.message_id not in kept_away
        (asked.allowed if is_kept else asked.denied).append((index, event))
    return asked


def _append(asked: Asked, *, patient: bool) -> bool:
    return stream.append(
        ((event.visitor, event) for _, event in asked.allowed),
        while_held=asked.agreed.relied_on,
        patient=patient,
    )


def _remember_refusals(batch: Examined, asked: Asked, *, now: datetime, source: str) -> None:
    if not (batch.refused or asked.denied):
        return
    # Of people who have not agreed nothing is kept, not even that they were refused: only a count.
    keep([one for _, one in batch.refused if one.who in asked.agreed.people], now=now)
    reasons = [(one.type, one.field) for _, one in batch.refused]
    reasons += [(event.type, CONSENT) for _, event in asked.denied]
    count_refusals(reasons, source=source, now=now)


def _examine_all(raw_events: Sequence[Any], *, now: datetime, source: str) -> Examined:
    batch = Examined([], [])
    outcomes = examine_all(raw_events, standards=standards_in_force(), now=now, source=source)
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, EventRefused):
            refused = Refused.of(as_sent(raw_events[index]), outcome, source=source)
            batch.refused.append((index, refused))
        elif outcome.traits and outcome.occurred_at is now:
            # What is stated without a time is stated in the order in which it stands in the batch.
            stated_at = now + index * MICROSECOND
            batch.valid.append((index, replace(outcome, occurred_at=stated_at)))
        else:
            batch.valid.append((index, outcome))
    return batch


def _kept_away(events: Sequence[AcceptedEvent]) -> set[str]:
    """Return the ids of messages that name an erased address for somebody else."""
    naming = [
        (event, Named.of(event.subject.pseudonyms, event.identifiers.items()))
        for event in events
        if event.identifiers
    ]
    erased = erased_among([named for _, named in naming])
    return {
        event.message_id
        for event, named in naming
        if erased.keeps_away(named, received=event.received_at)
    }
