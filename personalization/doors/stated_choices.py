"""Choices that a message itself brings along, after Segment's consent management specification."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import redis

from consent.checking import Choices, choices_of_many
from consent.proving import MECHANISM_API
from consent.purposes import OPTIONAL
from consent.recording import record_choices
from consent.subjects import Subject
from personalization.doors.naming import snake_case
from personalization.doors.translated import Translated
from personalization.streams.stream import StreamUnavailable


def choices_stated(message: Mapping[str, Any]) -> dict[str, bool]:
    """Return what `context.consent.categoryPreferences` says of purposes that have our names."""
    stated: Any = message
    for name in ("context", "consent", "categoryPreferences"):
        stated = stated.get(name) if isinstance(stated, Mapping) else None
    return {
        snake_case(name): is_granted
        for name, is_granted in (stated.items() if isinstance(stated, Mapping) else ())
        if snake_case(name) in OPTIONAL and isinstance(is_granted, bool)
    }


def honour(messages: Sequence[Translated], *, may_grant: bool, now: datetime) -> None:
    """Put the choices that the messages state into force; of one visitor's the last counts.

    A refusal counts whoever says it. A grant counts with `may_grant` only: over a refusal made
    here, an old message that was queued somewhere must not prevail. Raises StreamUnavailable.
    """
    stated: dict[Subject, dict[str, bool]] = {}
    for message in messages:
        if message.choices and message.events:
            stated.setdefault(_subject(message.events[0]), {}).update(message.choices)
    try:
        current = choices_of_many(list(stated))
    except redis.RedisError as error:
        raise StreamUnavailable("Choices cannot be read now. Send it again later.") from error
    for (subject, choices), known in zip(stated.items(), current, strict=True):
        if news := _news(choices, known, may_grant=may_grant):
            record_choices(subject=subject, choices=news, mechanism=MECHANISM_API, now=now)


def _subject(event: Mapping[str, Any]) -> Subject:
    return Subject.of(anonymous_id=event["anonymous_id"], user_id=event["user_id"])


def _news(choices: Mapping[str, bool], known: Choices, *, may_grant: bool) -> dict[str, bool]:
    """Return what changes anything: the history is not to grow by a record for every event."""
    return {
        purpose: is_granted
        for purpose, is_granted in choices.items()
        if (may_grant and not known.allows(purpose) if is_granted else purpose not in known.denied)
    }
