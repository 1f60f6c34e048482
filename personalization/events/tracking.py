"""Take events in: examine, ask for consent, put them into the stream; keep what was refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import redis

from consent.checking import choices_behind
from consent.proving import MECHANISM_VOUCHED
from consent.recording import record_missing
from consent.subjects import Subject, pseudonyms_of_many
from consent.suppressing import Named, erased_among
from personalization.events.accepted import AcceptedEvent
from personalization.events.counting_refusals import count_refusals
from personalization.events.examining import examine_all
from personalization.events.keepable import EventRefused
from personalization.events.refusing import Refused, Who, keep
from personalization.events.standards import standards_in_force
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
    try:
        kept_away = _kept_away([event for _, event in batch.valid])
        people = [who(event) for _, event in batch.valid if event.message_id not in kept_away]
        people += [one.who for _, one in batch.refused]
        agreed = who_agreed(people, vouched=frozenset(vouched), now=now)
    except redis.RedisError as error:
        raise stream.StreamUnavailable(
            "Choices cannot be read now. Send it again later."
        ) from error
    allowed: list[tuple[int, AcceptedEvent]] = []
    denied: list[tuple[int, AcceptedEvent]] = []
    for index, event in batch.valid:
        is_kept = who(event) in agreed and event.message_id not in kept_away
        (allowed if is_kept else denied).append((index, event))
    stream.append(((event.visitor, event.as_wire()) for _, event in allowed), patient=patient)
    _remember_refusals(batch, denied, agreed, now=now, source=source)
    refusals = [Refusal(index, one.field, one.message) for index, one in batch.refused]
    refusals += [Refusal(index, CONSENT, NO_CONSENT) for index, _ in denied]
    return Tracked(len(allowed), tuple(sorted(refusals, key=lambda r: r.index)))


def who(event: AcceptedEvent) -> Who:
    """Return by what the visitor is known here."""
    return event.anonymous_id, event.user_id


def who_agreed(
    people: Sequence[Who], *, vouched: frozenset[str] = frozenset(), now: datetime
) -> frozenset[Who]:
    """Return those of whom events may be kept; nobody is not among them.

    Raises redis.RedisError.
    """
    named = [person for person in dict.fromkeys(people) if any(person)]
    if vouched:
        subjects = [Subject.of(anonymous_id=one, user_id=other) for one, other in named]
        record_missing(subjects=subjects, purposes=vouched, mechanism=MECHANISM_VOUCHED, now=now)
    choices = choices_behind(pseudonyms_of_many(named))
    return frozenset(
        person
        for person, chosen in zip(named, choices, strict=True)
        if chosen.allows("analytics") or chosen.allows("personalization")
    )


def _remember_refusals(
    batch: Examined,
    denied: Sequence[tuple[int, AcceptedEvent]],
    agreed: frozenset[Who],
    *,
    now: datetime,
    source: str,
) -> None:
    if not (batch.refused or denied):
        return
    # Of people who have not agreed nothing is kept, not even that they were refused: only a count.
    keep([one for _, one in batch.refused if one.who in agreed], now=now)
    reasons = [(one.type, one.field) for _, one in batch.refused]
    reasons += [(event.type, CONSENT) for _, event in denied]
    count_refusals(reasons, source=source, now=now)


def _examine_all(raw_events: Sequence[Any], *, now: datetime, source: str) -> Examined:
    batch = Examined([], [])
    outcomes = examine_all(raw_events, standards=standards_in_force(), now=now, source=source)
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, EventRefused):
            refused = Refused.of(raw_events[index], outcome, source=source)
            batch.refused.append((index, refused))
        else:
            batch.valid.append((index, _in_order(outcome, index, now=now)))
    return batch


def _in_order(event: AcceptedEvent, index: int, *, now: datetime) -> AcceptedEvent:
    """Let what is stated without a time be stated in the order in which it stands in the batch."""
    if not event.traits or event.occurred_at is not now:
        return event
    return event._replace(occurred_at=now + index * MICROSECOND)


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
