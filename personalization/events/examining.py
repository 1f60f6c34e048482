"""All that an event must pass at the door: fixed rules, one way of writing, its type's schema."""

from datetime import datetime
from typing import Any, Final

from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused
from personalization.events.normalising import normalise
from personalization.events.outliers import outlying_fields
from personalization.events.standards import Standards
from personalization.events.usual import usual_event
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
    event = usual_event(raw, kinds=current_kinds(), now=now, source=source)
    event = normalise(event or validate(raw, now=now, source=source), standards.spellings)
    _hold_against_schema(event, standards)
    usual = standards.usual.get(event.type)
    if usual:
        odd = [f"outlier:{name}"[:64] for name in outlying_fields(event.properties, usual)]
        return event._replace(flags=[*event.flags, *odd]) if odd else event
    return event


def _hold_against_schema(event: AcceptedEvent, standards: Standards) -> None:
    check = standards.checks.get(event.type)
    if check is None:
        if not standards.accepts_unknown:
            raise EventQuarantined("type", UNKNOWN_TYPE)
        return
    parts = {"properties": event.properties, "context": event.context, "traits": event.traits}
    objection = check.objection(parts)
    if objection is not None:
        raise SchemaBroken(objection.field, objection.message)
