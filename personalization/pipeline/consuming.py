"""What happens to accepted events: consent again, storage, facts; then they are acknowledged."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db import DataError, IntegrityError, OperationalError, transaction

from catalog.models import Item
from consent.checking import Choices, choices_of_many
from consent.keyspaces import patient_redis_connection
from consent.subjects import Identifier
from consent.suppressing import Named, kept_away_many
from personalization.events.accepted import AcceptedEvent
from personalization.events.storing import ToStore, store_events
from personalization.profiles.facts import Happening
from personalization.profiles.identifying import Identity, identify
from personalization.profiles.remembering import mirror, remember_all
from personalization.streams.stream import Entry, Reader, bury
from personalization.vault.keeping import Carried, keep_all

logger = logging.getLogger(__name__)

ENTRIES_AT_ONCE: Final = 25
WAIT_MS: Final = 200
TRIES: Final = 5
# A fault in an event itself: trying again cannot help. (A lost database is an OperationalError.)
POISON: Final = (DataError, KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Allowed:
    """An event that may be kept, whose it is, and for which purposes."""

    event: AcceptedEvent
    identity: Identity
    choices: Choices


def consume_once(reader: Reader) -> int:
    """Store one micro-batch and return how many events it held; 0 when none came in time."""
    entries = reader.read(entries=ENTRIES_AT_ONCE, wait_ms=WAIT_MS)
    if not entries:
        return 0
    try:
        _store(entries)
    except POISON:
        logger.exception("A batch cannot be stored; its events are tried one by one.")
        _store_one_by_one(entries)
    reader.acknowledge(entries)
    return sum(len(entry.payloads) for entry in entries)


def _store_one_by_one(entries: Sequence[Entry]) -> None:
    """Store every event that can be stored; bury only those that cannot."""
    for entry in entries:
        for payload in entry.payloads:
            alone = replace(entry, payloads=[payload])
            try:
                _store([alone])
            except POISON as error:
                bury(alone, error=error)


def _store(entries: Sequence[Entry]) -> None:
    events = [AcceptedEvent.from_wire(payload) for entry in entries for payload in entry.payloads]
    allowed = _still_allowed(events)
    for attempt in range(1, TRIES + 1):
        try:
            touched = _write(allowed)
            break
        except (IntegrityError, OperationalError):
            # Another consumer made the same profile, or locked in another order.
            if attempt == TRIES:
                raise
    # After the commit, and for replayed events too: a consumer that died between the commit and
    # this line leaves nothing stale behind.
    mirror(touched)


@transaction.atomic
def _write(allowed: Sequence[Allowed]) -> set[int]:
    profile_of = identify([one.identity for one in allowed])
    rows = [
        ToStore(one.event, one.event.key, profile_of[one.identity], one.choices.granted)
        for one in allowed
    ]
    fresh = set(store_events(rows))
    category_of = _categories(row.event for row in rows)
    happenings = []
    carried = []
    for row in rows:
        if row.key in fresh and "personalization" in row.purposes:
            happenings.append((row.profile_id, _happening(row.event, category_of)))
            if row.event.sealed:
                carried.append(_carried(row))
        fresh.discard(row.key)  # the same message twice in one batch counts once
    remember_all(happenings)
    keep_all(carried)
    return {row.profile_id for row in rows}


def _carried(row: ToStore) -> Carried:
    event = row.event
    return Carried(row.profile_id, event.message_id, event.sealed, event.source, event.occurred_at)


def _still_allowed(events: Sequence[AcceptedEvent]) -> list[Allowed]:
    """Ask for consent again: it may have been withdrawn while the events waited."""
    identities = [_identity(event) for event in events]
    subjects = [event.subject for event in events]
    choices = choices_of_many(subjects, connection=patient_redis_connection())
    kept_away = kept_away_many(list(map(_named, events, identities)))
    return [
        Allowed(event, identity, chosen)
        for event, identity, chosen, is_away in zip(
            events, identities, choices, kept_away, strict=True
        )
        if (chosen.allows("analytics") or chosen.allows("personalization")) and not is_away
    ]


def _identity(event: AcceptedEvent) -> Identity:
    return Identity(
        user=Identifier("user", event.user_id).pseudonym if event.user_id else "",
        anonymous=Identifier("anonymous", event.anonymous_id).pseudonym
        if event.anonymous_id
        else "",
        further=tuple(sorted(event.identifiers.items())),
    )


def _named(event: AcceptedEvent, identity: Identity) -> Named:
    return Named(
        speaking=tuple(pseudonym for pseudonym in (identity.user, identity.anonymous) if pseudonym),
        further=tuple(pseudonym for _, pseudonym in identity.further),
        received=event.received_at.timestamp(),
    )


def _categories(events: Iterable[AcceptedEvent]) -> dict[str, str]:
    """Return the category key of each item that is named without its category."""
    unknown = {
        event.properties["item_id"]
        for event in events
        if "item_id" in event.properties and "category" not in event.properties
    }
    if not unknown:
        return {}
    return dict(Item.objects.filter(item_id__in=unknown).values_list("item_id", "category__key"))


def _happening(event: AcceptedEvent, category_of: dict[str, str]) -> Happening:
    item_id = event.properties.get("item_id", "")
    return Happening(
        type=event.type,
        at=event.occurred_at,
        item_id=item_id,
        category=event.properties.get("category") or category_of.get(item_id, ""),
        value=event.value,
        order_id=event.properties.get("order_id", ""),
        traits=event.traits or None,
    )
