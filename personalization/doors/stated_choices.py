"""Choices that a message itself brings along, after Segment's consent management specification."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import redis
from rest_framework.exceptions import ValidationError

from consent.checking import Choices, choices_behind, choices_of_many
from consent.proving import MECHANISM_API
from consent.purposes import OPTIONAL, REFUSED_BY_GPC
from consent.recording import record_choices, record_missing
from consent.subjects import Subject
from personalization.doors.naming import snake_case
from personalization.doors.translated import Translated
from personalization.streams.stream import StreamUnavailable

# How the history of choices names what the browser script was told by its page.
PAGE: Final = "page"
VOUCHES_FOR_NONE: Final = (
    "This key vouches for none of {}. Name what your pages ask for under vouched purposes."
)


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
        if message.choices and message.events and (who := _subject(message.events[0])).identifiers:
            stated.setdefault(who, {}).update(message.choices)
    try:
        # Each identifier by itself: what a browser agreed to an account has not, if it is not its.
        read = iter(choices_behind([(one,) for who in stated for one in who.pseudonyms]))
    except redis.RedisError as error:
        raise StreamUnavailable("Choices cannot be read now. Send it again later.") from error
    for subject, choices in stated.items():
        known = list(islice(read, len(subject.identifiers)))
        if news := _news(choices, known, may_grant=may_grant):
            record_choices(subject=subject, choices=news, mechanism=MECHANISM_API, now=now)


def take_choices(
    anonymous_id: str,
    *,
    granted: Collection[str],
    refused: Collection[str],
    vouched: Collection[str],
    gpc: bool,
    now: datetime,
) -> None:
    """Record what a page says its visitor chose: a refusal always, a grant only where none was.

    The page's key is public. So a grant counts for purposes that the key vouches for, and turns no
    refusal; a browser whose visitor agrees again comes with a new id. Raises ValidationError where
    the key vouches for none of them, and redis.RedisError.
    """
    subject = Subject.of(anonymous_id=anonymous_id)
    believed = frozenset(granted) & frozenset(vouched)
    if granted and not believed:
        raise ValidationError({"consent": [VOUCHES_FOR_NONE.format(", ".join(sorted(granted)))]})
    (known,) = choices_of_many([subject])
    if news := frozenset(refused) - known.denied:
        record_choices(
            subject=subject, choices=dict.fromkeys(sorted(news), False), mechanism=PAGE, now=now
        )
    believed -= REFUSED_BY_GPC if gpc else frozenset()
    if believed:
        record_missing(subjects=[subject], purposes=believed, mechanism=PAGE, now=now)


def _subject(event: Mapping[str, Any]) -> Subject:
    return Subject.of(anonymous_id=event["anonymous_id"], user_id=event["user_id"])


def _news(
    choices: Mapping[str, bool], known: Sequence[Choices], *, may_grant: bool
) -> dict[str, bool]:
    """Return what changes anything: the history is not to grow by a record for every event."""
    granted = frozenset.intersection(*(of_one.granted - of_one.denied for of_one in known))
    denied = frozenset.union(*(of_one.denied for of_one in known))
    return {
        purpose: is_granted
        for purpose, is_granted in choices.items()
        if (may_grant and purpose not in granted if is_granted else purpose not in denied)
    }
