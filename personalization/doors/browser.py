"""What the browser script sends: who, what the visitor agreed to, and events.

The key is public, as the script is. So it may speak for the visitor whose browser asks, or for an
id that the script itself has made: random, unlike any that another door knows, and never a user id.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from rest_framework.exceptions import ValidationError

from consent.purposes import OPTIONAL
from personalization.doors.commerce import GA4_TYPES, commerce_properties
from personalization.doors.naming import event_type, label_of
from personalization.doors.translated import Translated, unkeepable
from personalization.events.api import TooManyEvents
from personalization.events.keepable import EventRefused
from personalization.events.page_ids import id_of_page

FIELDS: Final = frozenset({"visitor", "consent", "events"})
EVENT_FIELDS: Final = frozenset({"message_id", "type", "occurred_at", "properties", "context"})
# As newId() of tracker.js makes them: 128 random bits.
MADE_BY_SCRIPT: Final = re.compile(r"web-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A call. `visitor` is empty where the browser that asks is the visitor."""

    visitor: str
    granted: frozenset[str]
    refused: frozenset[str]
    events: Sequence[Any] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Who:
    """Whose events these are; `is_named`: the script says so, rather than the browser's cookie."""

    anonymous_id: str
    user_id: str = ""
    is_named: bool = False


def read_call(data: Any) -> Sent:
    """Return what the script says; raises ValidationError naming the field, or TooManyEvents."""
    if not isinstance(data, dict):
        raise ValidationError({"events": ['Send {"events": [...]}.']})
    if unknown := data.keys() - FIELDS:
        known = ", ".join(sorted(FIELDS))
        raise ValidationError({min(unknown): [f"There is no such field. There are: {known}."]})
    consent = _consent(data)
    return Sent(
        visitor=_visitor(data),
        granted=frozenset(purpose for purpose, yes in consent.items() if yes),
        refused=frozenset(purpose for purpose, yes in consent.items() if not yes),
        events=_events(data),
    )


def as_translated(event: Any, *, who: Who) -> Translated:
    """Return the event as ours; of Google's e-commerce events there is one for each item."""
    if not isinstance(event, dict):
        return Translated((), ("", "An event is a JSON object."))
    if refusal := unkeepable(event):
        return Translated((), refusal)
    if unknown := event.keys() - EVENT_FIELDS:
        known = ", ".join(sorted(EVENT_FIELDS))
        return Translated((), (min(unknown), f"There is no such field. There are: {known}."))
    properties = event.get("properties", {})
    if not isinstance(properties, dict):
        return Translated((), ("properties", "Use a JSON object."))
    kind = _type(event)
    try:
        each = commerce_properties(kind, label_of(event.get("type"), str(kind)) | properties)
    except EventRefused as refused:
        return Translated((), (refused.field, refused.message))
    base = {
        **event,
        "type": kind,
        "anonymous_id": who.anonymous_id or None,
        "user_id": who.user_id or None,
    }
    return Translated(
        [
            {**base, "message_id": _message_id(event, who=who, line=line), "properties": of_one}
            for line, of_one in enumerate(each)
        ]
    )


def _type(event: Mapping[str, Any]) -> Any:
    stated = event.get("type")
    if not isinstance(stated, str) or not stated:
        return None  # the door says what is wrong with it
    name = event_type(stated)
    return GA4_TYPES.get(name, name)


def _visitor(data: Mapping[str, Any]) -> str:
    stated = data.get("visitor")
    if stated is None:
        return ""
    if not isinstance(stated, str) or not MADE_BY_SCRIPT.fullmatch(stated):
        raise ValidationError({"visitor": ["Only ids that the script has made may be named."]})
    return stated


def _consent(data: Mapping[str, Any]) -> Mapping[str, bool]:
    stated = data.get("consent")
    if stated is None:
        return {}
    if not isinstance(stated, dict) or "visitor" not in data:
        raise ValidationError({"consent": ["Use a JSON object, and say whose choice it is."]})
    for purpose, is_granted in stated.items():
        if purpose not in OPTIONAL or not isinstance(is_granted, bool):
            known = ", ".join(OPTIONAL)
            raise ValidationError({f"consent.{purpose}": [f"Say true or false to: {known}."]})
    return stated


def _events(data: Mapping[str, Any]) -> Sequence[Any]:
    events = data.get("events")
    if not isinstance(events, list):
        raise ValidationError({"events": ["Send a list of events."]})
    if len(events) > settings.EVENT_BATCH_COUNT:
        raise TooManyEvents(f"Send at most {settings.EVENT_BATCH_COUNT:,} events at once.")
    return events


def _message_id(event: Mapping[str, Any], *, who: Who, line: int) -> Any:
    stated = event.get("message_id")
    if not isinstance(stated, str) or not stated:
        return stated  # the door says what is wrong with it
    said = f"{stated}:{line}" if line else stated
    return id_of_page(said, visitor=who.anonymous_id or who.user_id)
