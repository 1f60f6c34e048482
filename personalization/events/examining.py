"""All that an event must pass at the door: fixed rules, one way of writing, its type's schema."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused
from personalization.events.normalising import normalise
from personalization.events.outliers import outlying_fields
from personalization.events.standards import Standards
from personalization.events.usual import as_sent, usual_events
from personalization.events.validating import validate
from personalization.identifiers.kinds import current_kinds

UNKNOWN_TYPE: Final = (
    "Nobody has described this type of event. It is kept aside for seven days, and counts when"
    " somebody adds a schema and lets it in."
)


class EventQuarantined(EventRefused):
    """The event may be fine, but nobody has described its type."""


class SchemaBroken(EventRefused):
    """The event does not fit the schema of its type."""


def examine(raw: Any, *, standards: Standards, now: datetime, source: str = "") -> AcceptedEvent:
    """Return the event as it is kept; raises EventRefused naming the first field that is wrong.

    What looks odd but is kept is in its `flags`.
    """
    (examined,) = examine_all([raw], standards=standards, now=now, source=source)
    if isinstance(examined, EventRefused):
        raise examined
    return examined


def examine_all(
    raws: Sequence[Any], *, standards: Standards, now: datetime, source: str = ""
) -> Iterator[AcceptedEvent | EventRefused]:
    """Yield for each event what `examine` says of it, and the refusal where it raises one."""
    seen = usual_events(raws, standards=standards, kinds=current_kinds(), now=now, source=source)
    for raw, usual in zip(raws, seen, strict=True):
        try:
            yield usual or as_kept(validate(as_sent(raw), now=now, source=source), standards)
        except EventRefused as refusal:
            yield refusal


def as_kept(event: AcceptedEvent, standards: Standards) -> AcceptedEvent:
    """Return a valid event as it is written here; raises EventRefused as its schema says."""
    event = normalise(event, standards.spellings)
    check = standards.checks.get(event.type)
    if check is not None:
        parts = {"properties": event.properties, "context": event.context, "traits": event.traits}
        if (objection := check.objection(parts)) is not None:
            raise SchemaBroken(objection.field, objection.message)
    elif not standards.accepts_unknown:
        raise EventQuarantined("type", UNKNOWN_TYPE)
    usual = standards.usual.get(event.type)
    if not usual:
        return event
    odd = [f"outlier:{name}"[:64] for name in outlying_fields(event.properties, usual)]
    return replace(event, flags=[*event.flags, *odd]) if odd else event
