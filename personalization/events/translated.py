"""Take in what the doors of other systems have translated, and say what became of each message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from personalization.events.tracking import Refusal, track

CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Translated:
    """A message as our events, or why it could not be one."""

    events: Sequence[dict[str, Any]]
    refusal: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the messages of one call; refusals bear the index of their message."""

    accepted: int
    refused: tuple[Refusal, ...]

    @property
    def is_faulty(self) -> bool:
        """Whether a message was wrong. That a visitor has not agreed is no fault of the sender."""
        return any(refusal.field != CONSENT for refusal in self.refused)


def take_in(
    messages: Sequence[Translated], *, now: datetime, vouched: Iterable[str] = ()
) -> Outcome:
    """Accept what is valid and consented to; a message whose every event is in is accepted.

    Raises StreamUnavailable, and then nothing was accepted.
    """
    owners = [index for index, message in enumerate(messages) for _ in message.events]
    tracked = track(
        [event for message in messages for event in message.events], now=now, vouched=vouched
    )
    refused = {
        index: Refusal(index, *message.refusal)
        for index, message in enumerate(messages)
        if message.refusal
    }
    for refusal in tracked.refused:
        owner = owners[refusal.index]
        refused.setdefault(owner, Refusal(owner, refusal.field, refusal.message))
    return Outcome(len(messages) - len(refused), tuple(refused[index] for index in sorted(refused)))
