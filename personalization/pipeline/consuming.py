"""What happens to accepted events: consent again, storage, facts; then they are acknowledged."""

import contextlib
import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from traceback import format_tb
from typing import Final

from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, transaction
from django.utils import timezone
from msgspec.structs import replace

from catalog.models import Item
from personalization.activation.noticing import notice_transitions
from personalization.events.accepted import AcceptedEvent, NoEvent
from personalization.events.converting import NO_RATE, Rates, rates_of
from personalization.events.storing import ToStore, store_events
from personalization.pipeline.allowing import Allowed, identify_allowed, still_allowed
from personalization.pipeline.counting import new_rows
from personalization.profiles.facts import Facts
from personalization.profiles.folding import (
    Happening,
    note_session,
    remember,
)
from personalization.profiles.models import Profile
from personalization.profiles.provenance import terms_of
from personalization.profiles.rebuilding import happening_of
from personalization.profiles.remembering import (
    lock_facts,
    mirror_facts,
    mirror_identifiers,
    write_facts,
)
from personalization.streams.stream import Entry, Reader, bury, reason_of
from personalization.vault.keeping import Carried, keep_all

logger = logging.getLogger(__name__)

# What is stored at once is bounded in events, and with it how many profiles' facts are held, with
# which memory grows. Entries are fetched fifty a shard, which may hold many more.
EVENTS_AT_ONCE: Final = 20_000
ENTRIES_AT_ONCE: Final = 50
WAIT_MS: Final = 200
TRIES: Final = 5
# A fault in an event itself: trying again cannot help. (A lost database is an OperationalError.)
POISON: Final = (NoEvent, DataError, KeyError, TypeError, ValueError, AttributeError)


def consume_once(reader: Reader) -> int:
    """Store one micro-batch and return how many events it held; 0 when none came in time."""
    with _uncollected():
        return _consume(reader)


def _consume(reader: Reader) -> int:
    entries = reader.read(events=EVENTS_AT_ONCE, entries=ENTRIES_AT_ONCE, wait_ms=WAIT_MS)
    if not entries:
        return 0
    try:
        _store(entries)
    except POISON as error:
        # Where it happened, and not what was in it: an exception would be logged with the row.
        where = "".join(format_tb(error.__traceback__))
        said = "A batch cannot be stored; its events are tried one by one. %s\n%s"
        logger.error(said, reason_of(error), where)
        _store_one_by_one(entries)
    reader.acknowledge(entries)
    return sum(len(entry.payloads) for entry in entries)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from searching a batch for circles while it grows; it has none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _store_one_by_one(entries: Sequence[Entry]) -> None:
    """Store every event that can be stored; bury only those that cannot."""
    for entry in entries:
        for payload in entry.payloads:
            alone = Entry(entry.shard, entry.id, [payload])
            try:
                _store([alone])
            except POISON as error:
                bury(alone, error=error)


def _store(entries: Sequence[Entry]) -> None:
    events = [AcceptedEvent.from_wire(payload) for entry in entries for payload in entry.payloads]
    allowed = still_allowed(events)
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
    allowed, owner_of = identify_allowed(allowed)
    facts_of = lock_facts({owner.profile_id for owner in owner_of.values()})
    rows = new_rows(
        allowed,
        owners=[owner_of[one.identity] for one in allowed],
        categories=_categories([one.event for one in allowed]),
    )
    foreign = {_currency(row) for row in rows} - {"", settings.CURRENCY}
    rates = rates_of(foreign)
    if foreign:
        rows = [_flagged(row, rates) for row in rows]
    store_events([row for row in rows if "analytics" in row.purposes])
    _note_unkept(rows)
    changed = _remember(rows, facts_of, rates)
    write_facts(changed)
    notice_transitions(changed, now=timezone.now())
    keep_all(_carried(rows))
    # Before the commit, while nobody else may change them: what is mirrored last is what counts.
    # Should the commit fail, the events come again, and with them what Redis knows already.
    mirror_facts(facts_of)
    mirror_identifiers(facts_of)


def _note_unkept(rows: Sequence[ToStore]) -> None:
    """Remember which facts cannot be rebuilt: those of acts that may be counted but not kept."""
    unkept = {row.profile_id for row in rows if "analytics" not in row.purposes}
    if unkept:
        Profile.objects.filter(pk__in=unkept, has_unkept_acts=False).update(has_unkept_acts=True)


def _remember(
    rows: Sequence[ToStore], facts_of: Mapping[int, Facts], rates: Rates
) -> dict[int, Facts]:
    """Add what may be remembered to the facts, in place, and return those that changed."""
    changed: dict[int, Facts] = {}
    for row in rows:
        if "personalization" in row.purposes:
            facts = changed.setdefault(row.profile_id, facts_of[row.profile_id])
            remember(facts, _happening(row, rates))
    for facts in changed.values():
        note_session(facts)
    return changed


def _carried(rows: Sequence[ToStore]) -> list[Carried]:
    """Return what says directly who it was, where that may be remembered."""
    return [
        Carried(
            profile_id=row.profile_id,
            message_id=row.event.message_id,
            sealed=row.event.sealed,
            source=row.event.source,
            stated_at=row.event.occurred_at,
        )
        for row in rows
        if row.event.sealed and "personalization" in row.purposes
    ]


def _categories(events: Sequence[AcceptedEvent]) -> list[str]:
    """Return the category of each event: its own, or else its item's."""
    unknown = {
        event.properties["item_id"]
        for event in events
        if "item_id" in event.properties and not event.properties.get("category")
    }
    found = Item.objects.filter(item_id__in=unknown).values_list("item_id", "category__key")
    category_of = dict(found) if unknown else {}
    return [
        event.properties.get("category") or category_of.get(event.properties.get("item_id", ""), "")
        for event in events
    ]


def _currency(row: ToStore) -> str:
    stated: str = row.event.properties.get("currency", "")
    return stated


def _flagged(row: ToStore, rates: Rates) -> ToStore:
    """Return the row, flagged where its money cannot be added to that of the shop."""
    currency, event = _currency(row), row.event
    if currency in ("", settings.CURRENCY) or event.value is None:
        return row
    if rates.convert(event.value, currency=currency, at=event.occurred_at) is not None:
        return row
    return row._replace(event=replace(event, flags=[*event.flags, NO_RATE]))


def _happening(row: ToStore, rates: Rates) -> Happening:
    event = row.event
    return happening_of(
        type=event.type,
        at=event.occurred_at,
        item_id=event.properties.get("item_id", ""),
        category=row.category,
        value=event.value,
        counted=row.counted,
        order_id=event.properties.get("order_id", ""),
        currency=_currency(row),
        rates=rates,
        traits=event.traits,
        source=event.source,
        rank=row.rank,
        terms=terms_of(event.source, event.context),
    )
