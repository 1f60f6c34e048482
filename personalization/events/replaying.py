"""Let refused events in after all, when the schema or the spelling is mended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from msgspec.structs import replace

from personalization.events.accepted import AcceptedEvent
from personalization.events.agreeing import who_agreed
from personalization.events.examining import EventQuarantined, examine
from personalization.events.keepable import EventRefused
from personalization.events.models import RefusedEvent
from personalization.events.setting_apart import as_it_came
from personalization.events.standards import Standards, standards_now
from personalization.streams import stream
from personalization.vault.sealing import Tampered, UnknownKey

AT_ONCE: Final = 500
MOST: Final = 20_000
CLOSED: Final = "It cannot be opened: its key is not in VAULT_KEYS. Put it back to let this in."


@dataclass(slots=True)
class Replayed:
    """What became of the events that were tried again."""

    accepted: int = 0
    refused: int = 0  # still wrong; the reason is brought up to date
    withdrawn: int = 0  # the person agrees no longer; nothing of them is kept


def replay(chosen: QuerySet[RefusedEvent], *, now: datetime) -> Replayed:
    """Try refused events again, oldest first and at most 20,000; what passes leaves the table.

    Two who press the button at once do not let an event in twice: its row is locked, and each
    message is stored once anyway. Raises StreamUnavailable; what was not accepted is still there.
    """
    ids = list(chosen.order_by("received_at", "pk").values_list("pk", flat=True)[:MOST])
    done = Replayed()
    for start in range(0, len(ids), AT_ONCE):
        _replay(ids[start : start + AT_ONCE], done, now=now)
    return done


@transaction.atomic
def _replay(ids: list[int], done: Replayed, *, now: datetime) -> None:
    rows = RefusedEvent.objects.select_for_update(skip_locked=True).filter(pk__in=ids)
    standards = standards_now()
    passed: list[tuple[RefusedEvent, AcceptedEvent]] = []
    for row in rows.order_by("received_at", "pk"):
        try:
            passed.append((row, _examined(row, standards)))
        except EventRefused as refusal:
            _refuse_again(row, refusal)
            done.refused += 1
    agreed = who_agreed([event.who for _, event in passed], now=now).people
    allowed = [event for _, event in passed if event.who in agreed]
    RefusedEvent.objects.filter(pk__in=[row.pk for row, _ in passed]).delete()
    # Last: if the stream takes nothing, the rows stay.
    stream.append(((event.visitor, event) for event in allowed), patient=True)
    done.accepted += len(allowed)
    done.withdrawn += len(passed) - len(allowed)


def _examined(row: RefusedEvent, standards: Standards) -> AcceptedEvent:
    """Hold it against today's standards, as of when it came: an erasure since then counts."""
    try:
        raw = as_it_came(row)
    except (UnknownKey, Tampered) as error:
        raise EventRefused("sealed", CLOSED) from error
    event = examine(raw, standards=standards, now=row.received_at, source=row.source)
    return replace(event, identifiers={**row.identifiers, **event.identifiers})


def _refuse_again(row: RefusedEvent, refusal: EventRefused) -> None:
    is_odd = isinstance(refusal, EventQuarantined)
    row.kind = RefusedEvent.Kind.QUARANTINED if is_odd else RefusedEvent.Kind.REFUSED
    row.field, row.reason = refusal.field[:200], refusal.message[:300]
    row.save(update_fields=["kind", "field", "reason"])
