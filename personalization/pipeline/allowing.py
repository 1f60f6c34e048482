"""Ask for consent again: it may have been withdrawn while the events waited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from consent.checking import Choices, choices_behind, choices_of_many
from consent.keyspaces import patient_redis_connection
from consent.subjects import Identifier
from consent.suppressing import Named, erased_among
from personalization.events.accepted import AcceptedEvent
from personalization.profiles.identifying import Identity, Owner, identify
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
        if _is_agreement(chosen)
    }
    named = {
        identity: Named.of((identity.user, identity.anonymous), identity.further)
        for identity, _ in known.values()
    }
    erased = erased_among(named.values())
    return [
        Allowed(event, *found)
        for event in events
        if (found := known.get(_who(event)))
        and not erased.keeps_away(named[found[0]], received=event.received_at)
    ]


def identify_allowed(
    allowed: Sequence[Allowed],
) -> tuple[Sequence[Allowed], dict[Identity, Owner]]:
    """Return which events may be kept now that it shows whose they are, and whose each is.

    On a browser that is somebody else's, a visitor is held to what they chose themselves. Call it
    inside a transaction. Raises IntegrityError as `identify` does, and redis.RedisError.
    """
    own: dict[Identity, Choices] = {}

    def strangers(parted: Mapping[Identity, Sequence[str]]) -> set[Identity]:
        together = {one.identity: one.choices for one in allowed}
        read = choices_behind(list(parted.values()), connection=patient_redis_connection())
        for identity, chosen in zip(parted, read, strict=True):
            own[identity] = together[identity].granted_only_by(chosen)
        return {identity for identity in parted if not _is_agreement(own[identity])}

    owner_of = identify([one.identity for one in allowed], leave_out=strangers)
    if own:
        allowed = [
            replace(one, choices=own.get(one.identity, one.choices))
            for one in allowed
            if one.identity in owner_of
        ]
    return allowed, owner_of


def _is_agreement(chosen: Choices) -> bool:
    return chosen.allows("analytics") or chosen.allows("personalization")


def _who(event: AcceptedEvent) -> Who:
    further = tuple(sorted(event.identifiers.items())) if event.identifiers else ()
    return event.anonymous_id, event.user_id, further


def _identity(event: AcceptedEvent) -> Identity:
    return Identity(
        user=Identifier("user", event.user_id).pseudonym if event.user_id else "",
        anonymous=Identifier("anonymous", event.anonymous_id).pseudonym
        if event.anonymous_id
        else "",
        further=tuple(sorted(event.identifiers.items())),
        cause=Cause(event.type, event.key),
    )
