"""Events of Google's Measurement Protocol (GA4) as ours.

Fields after the Measurement Protocol reference; names after its recommended events.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from personalization.doors.commerce import GA4_TYPES, commerce_properties
from personalization.doors.flattening import flat_traits
from personalization.doors.translated import Translated, unkeepable
from personalization.events.keepable import EventRefused
from personalization.identifiers.writing import as_text

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
MAX_EVENTS: Final = 25
IDS: Final = ("client_id", "app_instance_id", "user_id")
NOBODY: Final = "Say who it was: client_id (of an app: app_instance_id), user_id or both."
NO_MICROS: Final = "Use microseconds since 1970, a number such as 1767225600000000."
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Parameters that say where it happened rather than what.
CONTEXT: Final[Mapping[str, str]] = {
    "page_location": "url",
    "page_referrer": "referrer",
    "page_title": "title",
    "language": "locale",
    "campaign": "campaign",
    "source": "source",
    "medium": "medium",
    "term": "term",
    "content": "content",
    "session_id": "session_id",
}
# What the call says of the visitor's surroundings; the address is looked up and not kept.
SURROUNDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "user_agent": ("user_agent",),
    "ip": ("ip_override",),
    "country": ("user_location", "country_id"),
    "region": ("user_location", "region_id"),
    "device": ("device", "category"),
}
ABOUT_SENDING: Final = frozenset({"debug_mode", "engagement_time_msec"})
# How the door's fields are called by whoever reads our refusals; of one event, or of the call.
CALL_FIELDS: Final[Mapping[str, str]] = {
    "anonymous_id": "client_id",
    "user_id": "user_id",
    "occurred_at": "timestamp_micros",
    "traits": "user_properties",
}
EVENT_FIELDS: Final[Mapping[str, str]] = {"type": "name", "name": "name", "properties": "params"}


class CallRefused(Exception):
    """The call holds nothing that can be read as events."""

    def __init__(self, field: str, message: str, code: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.code = code


@dataclass(frozen=True, slots=True)
class Call:
    """One request: what it says, and when it came."""

    body: Mapping[str, Any]
    measurement_id: str
    now: datetime


def read_call(body: Any, *, measurement_id: str, now: datetime) -> list[Translated]:
    """Return each event of the call as ours; raises CallRefused where there is none to read."""
    if not isinstance(body, dict):
        raise CallRefused("", "Send a JSON object.", "VALUE_INVALID")
    events = body.get("events")
    if not isinstance(events, list) or not events:
        raise CallRefused("events", "Send a list of at least one event.", "VALUE_REQUIRED")
    if len(events) > MAX_EVENTS:
        message = f"Send at most {MAX_EVENTS} events at once."
        raise CallRefused("events", message, "EXCEEDED_MAX_ENTITIES")
    if refusal := unkeepable({name: part for name, part in body.items() if name != "events"}):
        raise CallRefused(*refusal, "VALUE_INVALID")  # every event of the call would have it
    call = Call(body, measurement_id, now)
    return [_translated(call, event, nth) for nth, event in enumerate(events)]


def field_path(field: str, *, nth: int) -> str:
    """Return where in the call the door's field came from, such as `events[0].params.price`."""
    first, _, below = field.partition(".")
    if first in CALL_FIELDS:
        return ".".join(part for part in (CALL_FIELDS[first], below) if part)
    path = (f"events[{nth}]", EVENT_FIELDS.get(first, first), below)
    return ".".join(part for part in path if part)


def _translated(call: Call, event: Any, nth: int) -> Translated:
    is_object = isinstance(event, dict)
    if refusal := unkeepable(event) if is_object else ("", "An event is a JSON object."):
        return Translated((), refusal)
    name = event.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        wanted = "Use at most 40 letters, digits and underscores, a letter first."
        return Translated((), ("name", wanted))
    params = event.get("params") or {}
    if not isinstance(params, dict):
        return Translated((), ("properties", "Use a JSON object."))
    try:
        _refuse_nobody_or_no_time(call, event)
        message_id = _message_id(call, event, params, nth)
        return Translated(our_events(call, event, params, message_id=message_id))
    except EventRefused as refused:
        return Translated((), (refused.field, refused.message))


def _refuse_nobody_or_no_time(call: Call, event: Mapping[str, Any]) -> None:
    if not any(call.body.get(name) for name in IDS):
        raise EventRefused("anonymous_id", NOBODY)
    if occurred_at(call, event) is None:
        of_event = event.get("timestamp_micros") is not None
        raise EventRefused("timestamp_micros" if of_event else "occurred_at", NO_MICROS)


def our_events(
    call: Call, event: Mapping[str, Any], params: Mapping[str, Any], *, message_id: str
) -> list[dict[str, Any]]:
    """Return the events that one of Google's stands for; an order is one for each of its items.

    Raises EventRefused where it has too many.
    """
    name = event["name"].lower()
    kind = GA4_TYPES.get(name, name)
    traits, rest = flat_traits(_user_properties(call.body))
    base = {
        "type": kind,
        "occurred_at": occurred_at(call, event),
        "anonymous_id": _text(call.body.get("client_id") or call.body.get("app_instance_id")),
        "user_id": _text(call.body.get("user_id")),
        "context": _context(call, name, params),
    }
    about = {k: v for k, v in params.items() if k not in CONTEXT and k not in ABOUT_SENDING}
    first, *lines = commerce_properties(kind, about)
    return [
        {
            **base,
            "message_id": message_id,
            "traits": traits,
            "properties": {**first, **({"traits": rest} if rest else {})},
        },
        # Who the visitor is need not be said again with every line of an order.
        *(
            {**base, "message_id": f"{message_id}:{line}", "properties": properties}
            for line, properties in enumerate(lines, start=1)
        ),
    ]


def _user_properties(body: Mapping[str, Any]) -> dict[str, Any]:
    stated = body.get("user_properties")
    return {
        name: one["value"]
        for name, one in (stated.items() if isinstance(stated, dict) else ())
        if isinstance(one, dict) and "value" in one
    }


def occurred_at(call: Call, event: Mapping[str, Any]) -> str | None:
    """Return when the event or its call says it happened, else when it came; None: unreadable."""
    micros = _micros(call, event)
    if micros is None:
        return call.now.isoformat()
    with suppress(TypeError, ValueError, OverflowError):
        return (EPOCH + timedelta(microseconds=int(micros))).isoformat()
    return None


def _micros(call: Call, event: Mapping[str, Any]) -> Any:
    stated = event.get("timestamp_micros")
    return call.body.get("timestamp_micros") if stated is None else stated


def _text(stated: Any) -> Any:
    """Return an id as text; Google's own are numbers to many senders."""
    is_number = isinstance(stated, int | float) and not isinstance(stated, bool)
    return as_text(stated) if is_number else stated


def _context(call: Call, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    found = {ours: _text(params[theirs]) for theirs, ours in CONTEXT.items() if theirs in params}
    kept = {ours: value for ours, value in found.items() if isinstance(value, str) and value}
    around = {name: _at(call.body, path) for name, path in SURROUNDINGS.items()}
    kept |= {name: value for name, value in around.items() if isinstance(value, str) and value}
    return {**kept, "event": name, "measurement_id": call.measurement_id}


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _message_id(call: Call, event: Mapping[str, Any], params: Mapping[str, Any], nth: int) -> str:
    """Return the same id for what Google takes as the same event: its protocol has none.

    A purchase is known by its transaction; another event by its content and its stated time.
    """
    who = [call.measurement_id, call.body.get("client_id"), call.body.get("user_id")]
    if event["name"].lower() == "purchase" and params.get("transaction_id"):
        said = [call.measurement_id, "purchase", params["transaction_id"]]
    else:
        micros = _micros(call, event)
        said = [*who, nth, event, call.now.isoformat() if micros is None else micros]
    return blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()
