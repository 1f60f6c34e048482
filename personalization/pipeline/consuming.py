"""What happens to accepted events: consent again, storage, facts; then they are acknowledged."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import DataError, IntegrityError, OperationalError, transaction

from catalog.models import Item
from consent.checking import Choices, choices_of_many, suppressed_since_many
from consent.keyspaces import patient_redis_connection
from consent.subjects import Identifier
from personalization.events.accepted import AcceptedEvent
from personalization.events.counting import OPENS_SESSION, counted_as, order_keys
from personalization.events.storing import ToStore, see, store_events
from personalization.profiles.facts import Facts
from personalization.profiles.folding import (
    NOT_RECENT,
    SESSION_SECONDS,
    Happening,
    note_session,
    remember,
)
from personalization.profiles.identifying import Identity, Owner, identify
from personalization.profiles.merging import Cause
from personalization.profiles.models import Profile
from personalization.profiles.rebuilding import happening_of
from personalization.profiles.remembering import (
    lock_facts,
    mirror_facts,
    mirror_identifiers,
    write_facts,
)
from personalization.streams.stream import Entry, Reader, bury

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
            _write(allowed)
            break
        except (IntegrityError, OperationalError):
            # Another consumer made the same profile, or locked in another order.
            if attempt == TRIES:
                raise


@transaction.atomic
def _write(allowed: Sequence[Allowed]) -> None:
    owner_of = identify([one.identity for one in allowed])
    facts_of = lock_facts({owner.profile_id for owner in owner_of.values()})
    rows = _rows(allowed, owner_of)
    fresh = _fresh(rows, facts_of)
    store_events([row for row in fresh if "analytics" in row.purposes])
    _note_unkept(fresh)
    write_facts(_remember(fresh, facts_of))
    # Before the commit, while nobody else may change them: what is mirrored last is what counts.
    # Should the commit fail, the events come again, and with them what Redis knows already.
    mirror_facts(facts_of)
    mirror_identifiers(facts_of)


def _rows(allowed: Sequence[Allowed], owner_of: Mapping[Identity, Owner]) -> list[ToStore]:
    category_of = _categories(one.event for one in allowed)
    return [
        ToStore(
            event=one.event,
            profile_id=owner_of[one.identity].profile_id,
            identifier_id=owner_of[one.identity].identifier_id,
            rank=owner_of[one.identity].rank,
            purposes=one.choices.granted,
            category=one.event.properties.get("category")
            or category_of.get(one.event.properties.get("item_id", ""), ""),
        )
        for one in allowed
    ]


def _fresh(rows: Sequence[ToStore], facts_of: Mapping[int, Facts]) -> list[ToStore]:
    """Return the rows whose message is new, each with what it counts as."""
    orders = [
        tuple(order_keys(row.event, profile_id=row.profile_id, category=row.category))
        for row in rows
    ]
    keys = [row.event.key for row in rows]
    unseen = see([*keys, *(key for pairs in orders for _, key in pairs)])
    newest = {
        profile_id: facts["recent"][-1][0] if facts["recent"] else None
        for profile_id, facts in facts_of.items()
    }
    fresh = []
    for row, key, pairs in zip(rows, keys, orders, strict=True):
        if key not in unseen:
            continue
        unseen.discard(key)  # the same message twice in one batch counts once
        fresh.append(replace(row, counted=counted_as(pairs, unseen=unseen) | _opening(row, newest)))
    return fresh


def _opening(row: ToStore, newest: dict[int, int | None]) -> int:
    """Return whether this act opens a visit, and let the visit go on to it."""
    if row.event.type in NOT_RECENT or "personalization" not in row.purposes:
        return 0
    seconds = int(row.event.occurred_at.timestamp())
    before = newest[row.profile_id]
    newest[row.profile_id] = seconds if before is None else max(before, seconds)
    return OPENS_SESSION if before is None or seconds - before > SESSION_SECONDS else 0


def _note_unkept(rows: Sequence[ToStore]) -> None:
    """Remember which facts cannot be rebuilt: those of acts that may be counted but not kept."""
    unkept = {row.profile_id for row in rows if "analytics" not in row.purposes}
    if unkept:
        Profile.objects.filter(pk__in=unkept, has_unkept_acts=False).update(has_unkept_acts=True)


def _remember(rows: Sequence[ToStore], facts_of: Mapping[int, Facts]) -> dict[int, Facts]:
    """Add what may be remembered to the facts, in place, and return those that changed."""
    changed: dict[int, Facts] = {}
    for row in rows:
        if "personalization" in row.purposes:
            facts = changed.setdefault(row.profile_id, facts_of[row.profile_id])
            remember(facts, _happening(row))
    for facts in changed.values():
        note_session(facts)
    return changed


def _still_allowed(events: Sequence[AcceptedEvent]) -> list[Allowed]:
    """Ask for consent again: it may have been withdrawn while the events waited."""
    identities = [_identity(event) for event in events]
    subjects = [event.subject for event in events]
    choices = choices_of_many(subjects, connection=patient_redis_connection())
    erased = _erased_since(identities)
    return [
        Allowed(event, identity, chosen)
        for event, identity, chosen in zip(events, identities, choices, strict=True)
        if (chosen.allows("analytics") or chosen.allows("personalization"))
        and not _was_erased(event.received_at, identity, erased)
    ]


def _identity(event: AcceptedEvent) -> Identity:
    return Identity(
        user=Identifier("user", event.user_id).pseudonym if event.user_id else "",
        anonymous=Identifier("anonymous", event.anonymous_id).pseudonym
        if event.anonymous_id
        else "",
        further=tuple(sorted(event.identifiers.items())),
        cause=Cause(event.type, event.key),
    )


def _erased_since(identities: Sequence[Identity]) -> dict[str, float]:
    pseudonyms = sorted({p for i in identities for p in (i.user, i.anonymous) if p})
    moments = suppressed_since_many(pseudonyms)
    return {p: since for p, since in zip(pseudonyms, moments, strict=True) if since is not None}


def _was_erased(received: datetime, identity: Identity, erased: dict[str, float]) -> bool:
    return any(
        received.timestamp() <= erased[pseudonym]
        for pseudonym in (identity.user, identity.anonymous)
        if pseudonym in erased
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


def _happening(row: ToStore) -> Happening:
    event = row.event
    return happening_of(
        type=event.type,
        at=event.occurred_at,
        item_id=event.properties.get("item_id", ""),
        category=row.category,
        value=event.value,
        counted=row.counted,
        traits=event.traits,
        source=event.source,
        rank=row.rank,
    )
