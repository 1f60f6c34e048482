"""Take events in: validate, ask for consent, put them into the stream."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from consent.checking import UNKNOWN, choices_of_many
from consent.proving import MECHANISM_VOUCHED
from consent.recording import record_missing
from consent.suppressing import Named, erased_among
from personalization.events.accepted import AcceptedEvent
from personalization.events.validating import EventRefused, validate
from personalization.streams import stream

NO_CONSENT = (
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
    of people unknown here.
    Raises StreamUnavailable, and then nothing was accepted.
    """
    valid: list[tuple[int, AcceptedEvent]] = []
    refused: list[Refusal] = []
    for index, raw in enumerate(raw_events):
        try:
            valid.append((index, validate(raw, now=now, source=source)))
        except EventRefused as refusal:
            refused.append(Refusal(index, refusal.field, refusal.message))
    try:
        allowed, denied = _split_by_consent(valid, vouched=frozenset(vouched), now=now)
    except redis.RedisError as error:
        raise stream.StreamUnavailable(
            "Choices cannot be read now. Send it again later."
        ) from error
    stream.append(((event.visitor, event.as_wire()) for _, event in allowed), patient=patient)
    refused += [Refusal(index, "consent", NO_CONSENT) for index, _ in denied]
    return Tracked(len(allowed), tuple(sorted(refused, key=lambda r: r.index)))


def _split_by_consent(
    events: list[tuple[int, AcceptedEvent]], *, vouched: frozenset[str], now: datetime
) -> tuple[list[tuple[int, AcceptedEvent]], list[tuple[int, AcceptedEvent]]]:
    kept_away = _kept_away([event for _, event in events])
    welcome = [event for _, event in events if event.message_id not in kept_away]
    subjects = {event.visitor + "\n" + event.user_id: event.subject for event in welcome}
    if vouched:
        record_missing(
            subjects=list(subjects.values()),
            purposes=vouched,
            mechanism=MECHANISM_VOUCHED,
            now=now,
        )
    choices = dict(zip(subjects, choices_of_many(list(subjects.values())), strict=True))
    split: tuple[list[tuple[int, AcceptedEvent]], list[tuple[int, AcceptedEvent]]] = ([], [])
    for pair in events:
        chosen = choices.get(pair[1].visitor + "\n" + pair[1].user_id, UNKNOWN)
        is_kept = pair[1].message_id not in kept_away and (
            chosen.allows("analytics") or chosen.allows("personalization")
        )
        split[0 if is_kept else 1].append(pair)
    return split


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
