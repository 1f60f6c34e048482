"""Take in what the doors of other systems have translated, and say what became of each message."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from personalization.events.context import Surroundings
from personalization.events.enriching import NOBODY, with_context
from personalization.events.examining import examine
from personalization.events.keepable import EventRefused, refuse_unkeepable
from personalization.events.standards import standards_in_force
from personalization.events.tracking import Refusal, track

CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Translated:
    """A message as our events, or why it could not be one; and the choices it brings along."""

    events: Sequence[dict[str, Any]]
    refusal: tuple[str, str] | None = None
    choices: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the messages of one call; refusals bear the index of their message."""

    accepted: int
    refused: tuple[Refusal, ...]

    @property
    def is_faulty(self) -> bool:
        """Whether a message was wrong. That a visitor has not agreed is no fault of the sender."""
        return any(refusal.field != CONSENT for refusal in self.refused)


def unkeepable(stated: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return where something stands that cannot be kept, and why; None where nothing does."""
    try:
        refuse_unkeepable(stated)
    except EventRefused as refusal:
        return refusal.field, refusal.message
    return None


def take_in(
    messages: Sequence[Translated],
    *,
    now: datetime,
    source: str,
    vouched: Iterable[str] = (),
    around: Surroundings = NOBODY,
    patient: bool = False,
) -> Outcome:
    """Accept what is valid and consented to; a message whose every event is in is accepted.

    around: what the call tells of the visitors, where they call themselves.

    Raises StreamUnavailable, and then nothing was accepted.
    """
    tracked = track(
        [with_context(event, around=around, now=now) for one in messages for event in one.events],
        now=now,
        source=source,
        vouched=vouched,
        patient=patient,
    )
    refused = _one_each(messages, tracked.refused)
    return Outcome(len(messages) - len(refused), refused)


def check(messages: Sequence[Translated], *, now: datetime) -> tuple[Refusal, ...]:
    """Return what `take_in` would refuse, of messages whose visitors have all agreed."""
    refused = []
    standards = standards_in_force()
    events = [event for message in messages for event in message.events]
    for index, event in enumerate(events):
        try:
            examine(event, standards=standards, now=now)
        except EventRefused as refusal:
            refused.append(Refusal(index, refusal.field, refusal.message))
    return _one_each(messages, refused)


def _one_each(
    messages: Sequence[Translated], refused_events: Iterable[Refusal]
) -> tuple[Refusal, ...]:
    owners = [index for index, message in enumerate(messages) for _ in message.events]
    refused = {
        index: Refusal(index, *message.refusal)
        for index, message in enumerate(messages)
        if message.refusal
    }
    for refusal in refused_events:
        owner = owners[refusal.index]
        refused.setdefault(owner, Refusal(owner, refusal.field, refusal.message))
    return tuple(refused[index] for index in sorted(refused))
