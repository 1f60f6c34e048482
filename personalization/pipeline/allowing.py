"""Ask for consent again: it may have been withdrawn while the events waited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.checking import Choices, choices_of_many, suppressed_since_many
from consent.keyspaces import patient_redis_connection
from consent.subjects import Identifier
from personalization.events.accepted import AcceptedEvent
from personalization.profiles.identifying import Identity
from personalization.profiles.merging import Cause

Who = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Allowed:
    """An event that may be kept, whose it is, and for which purposes."""

    event: AcceptedEvent
    identity: Identity
    choices: Choices


def still_allowed(events: Sequence[AcceptedEvent]) -> list[Allowed]:
    """Return the events whose visitors agree now, and have not asked to be erased since.

    Raises redis.RedisError.
    """
    # A visitor has many events in a batch, and is looked up once.
    visitors = {_who(event): event for event in reversed(events)}
    choices = choices_of_many(
        [event.subject for event in visitors.values()], connection=patient_redis_connection()
    )
    known = {
        who: (_identity(event), chosen)
        for (who, event), chosen in zip(visitors.items(), choices, strict=True)
        if chosen.allows("analytics") or chosen.allows("personalization")
    }
    erased = _erased_since([identity for identity, _ in known.values()])
    return [
        Allowed(event, *found)
        for event in events
        if (found := known.get(_who(event)))
        and not (erased and _was_erased(event.received_at, found[0], erased))
    ]


def _who(event: AcceptedEvent) -> Who:
    return event.anonymous_id, event.user_id, tuple(sorted(event.identifiers.items()))


def _identity(event: AcceptedEvent) -> Identity:
    return Identity(
        user=Identifier("user", event.user_id).pseudonym if event.user_id else "",
        anonymous=Identifier("anonymous", event.anonymous_id).pseudonym
        if event.anonymous_id
        else "",
        further=tuple(sorted(event.identifiers.items())),
        cause=Cause(event.type, event.key),
    )


def _erased_since(identities: Sequence[Identity]) -> Mapping[str, float]:
    pseudonyms = sorted({p for i in identities for p in (i.user, i.anonymous) if p})
    moments = suppressed_since_many(pseudonyms)
    return {p: since for p, since in zip(pseudonyms, moments, strict=True) if since is not None}


def _was_erased(received: datetime, identity: Identity, erased: Mapping[str, float]) -> bool:
    return any(
        received.timestamp() <= erased[pseudonym]
        for pseudonym in (identity.user, identity.anonymous)
        if pseudonym in erased
    )
