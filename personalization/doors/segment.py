"""Segment's messages as our events.

Message fields after Segment's Spec (common fields, identify, track, page, screen, group, alias).
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

from personalization.doors.commerce import SEGMENT_TYPES, commerce_properties
from personalization.doors.flattening import flat_traits, plain_properties
from personalization.doors.naming import event_type, label_of
from personalization.events.keepable import (
    MAX_BYTES,
    EventRefused,
    bytes_of,
    refuse_unkeepable,
)
from personalization.identifiers.kinds import current_kinds

RawEvent = dict[str, Any]
LONGEST_MESSAGE_ID: Final = 100
# How the door's fields are called by whoever reads our refusals.
FIELDS: Final[Mapping[str, str]] = {
    "message_id": "messageId",
    "type": "event",
    "occurred_at": "timestamp",
    "anonymous_id": "anonymousId",
    "user_id": "userId",
    "kind": "type",
}
# What stands on a message, and says neither what happened nor to whom.
ENVELOPE: Final = frozenset(
    {"type", "action", "messageId", "message_id", "writeKey", "integrations", "context", "channel"}
    | {"timestamp", "originalTimestamp", "sentAt", "receivedAt", "version", "_metadata"}
)
NOTHING_SAID: Final = "The message says nothing. Say who it was: userId, anonymousId or both."
# Of Segment's context these are read; the device's ids are not, the address is not kept.
CONTEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "page": ("page", "path"),
    "url": ("page", "url"),
    "referrer": ("page", "referrer"),
    "title": ("page", "title"),
    "campaign": ("campaign", "name"),
    "source": ("campaign", "source"),
    "medium": ("campaign", "medium"),
    "term": ("campaign", "term"),
    "content": ("campaign", "content"),
    "device": ("device", "type"),
    "ip": ("ip",),
    "os": ("os", "name"),
    "app": ("app", "name"),
    "app_version": ("app", "version"),
    "library": ("library", "name"),
    "locale": ("locale",),
    "timezone": ("timezone",),
    "user_agent": ("userAgent",),
    "group_id": ("groupId",),
}
PAGE: Final = ("url", "path", "referrer", "title")


@dataclass(frozen=True, slots=True)
class Received:
    """A message, what the call says of it, and when it came. `nth` is its place in the call."""

    message: Mapping[str, Any]
    kind: str
    sent_at: object
    now: datetime
    nth: int = 0


def translate(received: Received) -> list[RawEvent]:
    """Return the events that this message stands for: one, or one for each line of an order.

    Raises EventRefused where the message is too large, says nothing, or its ids are none.
    """
    message = received.message
    refuse_unkeepable(message)
    if bytes_of(message) > MAX_BYTES:
        raise EventRefused("", f"The message is over {MAX_BYTES:,} bytes. Send less in it.")
    if ENVELOPE.issuperset(message):
        raise EventRefused("anonymous_id", NOTHING_SAID)
    kind, properties = KINDS[received.kind](message)
    message_id = _message_id(received)
    base = {"type": kind, "occurred_at": _occurred_at(received), **_who(received, message_id)}
    base |= {"context": _context(message, received.kind)}
    traits, rest = _traits(message, received.kind)
    first, *lines = properties
    return [
        {
            **base,
            "message_id": message_id,
            "traits": traits,
            "properties": {**({"traits": rest} if rest else {}), **first},
        },
        # Who the visitor is need not be said again with every line of an order.
        *(
            {**base, "message_id": _line_id(message_id, nth), "properties": of_one}
            for nth, of_one in enumerate(lines, start=1)
        ),
    ]


def _tracked(message: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    written = event_type(message.get("event"))
    kind = SEGMENT_TYPES.get(written, written)
    label = label_of(message.get("event"), kind)
    return kind, commerce_properties(kind, {**label, **_object(message, "properties")})


def _viewed(kind: str) -> Callable[[Mapping[str, Any]], tuple[str, list[dict[str, Any]]]]:
    def read(message: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        named = {"page_name": message.get("name"), "category": message.get("category")}
        stated = {name: value for name, value in named.items() if value is not None}
        return kind, [plain_properties({**_object(message, "properties"), **stated})]

    return read


def _identified(message: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    return "identify", [{}]


def _grouped(message: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    about = plain_properties(
        {f"group_{name}": value for name, value in _object(message, "traits").items()}
    )
    return "group", [plain_properties({**about, "group_id": message.get("groupId")})]


KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[str, list[dict[str, Any]]]]]] = {
    "track": _tracked,
    "identify": _identified,
    "page": _viewed("page_view"),
    "screen": _viewed("screen_view"),
    "group": _grouped,
    "alias": _identified,
}


def _who(received: Received, message_id: str) -> dict[str, Any]:
    """Return the identity; a message that names nobody is a visitor of its own."""
    message = received.message
    names = ("previousId",) if received.kind == "alias" else ("anonymousId", "anonymous_id")
    anonymous_id = _id(message, "anonymous", *names)
    user_id = _id(message, "user", "userId", "user_id")
    if not (anonymous_id or user_id):
        anonymous_id = f"unnamed-{_digest(message_id.encode())}"
    return {"anonymous_id": anonymous_id or None, "user_id": user_id or None}


def _id(message: Mapping[str, Any], kind: str, *names: str) -> str:
    stated = next((message[name] for name in names if message.get(name) is not None), "")
    if not isinstance(stated, str | int) or isinstance(stated, bool):
        raise EventRefused(f"{kind}_id", "Use a text, or a whole number.")
    written = str(stated)
    return "" if current_kinds().names_nobody(kind, written) else written


def _occurred_at(received: Received) -> Any:
    """Return when it happened by our clock: receivedAt - (sentAt - originalTimestamp)."""
    message = received.message
    stated = message.get("originalTimestamp") or message.get("timestamp")
    if stated is None:
        return received.now.isoformat()
    original = _moment(stated)
    sent = _moment(message.get("sentAt") or received.sent_at)
    with suppress(OverflowError):
        if original is not None:
            return (original if sent is None else received.now - (sent - original)).isoformat()
    return stated  # the door says what is wrong with it


def _moment(stated: object) -> datetime | None:
    with suppress(ValueError, OverflowError):
        if isinstance(stated, str):
            moment = datetime.fromisoformat(stated)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _message_id(received: Received) -> str:
    stated = received.message.get("messageId")
    if not isinstance(stated, str) or not stated:
        # Without an id every message is new, as it is at Segment.
        place = f"{received.now.isoformat()} {received.nth} "
        return _digest(place.encode() + json.dumps(received.message).encode())
    return stated if len(stated) <= LONGEST_MESSAGE_ID else _digest(stated.encode())


def _line_id(message_id: str, nth: int) -> str:
    written = f"{message_id}:{nth}"
    return written if len(written) <= LONGEST_MESSAGE_ID else _digest(written.encode())


def _digest(text: bytes) -> str:
    return blake2b(text, digest_size=16).hexdigest()


def _context(message: Mapping[str, Any], kind: str) -> dict[str, Any]:
    stated = _object(message, "context")
    if kind == "page":  # what a call says of its page goes before what the library adds
        page = {**_object(stated, "page"), **_page_of(_object(message, "properties"))}
        stated = {**stated, "page": page}
    found = {name: _at(stated, path) for name, path in CONTEXT.items()}
    kept = {name: value for name, value in found.items() if isinstance(value, str) and value}
    name = message.get("event")
    return {**kept, **({"event": name} if isinstance(name, str) else {})}


def _page_of(properties: Mapping[str, Any]) -> dict[str, str]:
    named = {name: properties.get(name) for name in PAGE}
    return {name: value for name, value in named.items() if isinstance(value, str) and value}


def _at(stated: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        stated = stated.get(name) if isinstance(stated, Mapping) else None
    return stated


def _traits(message: Mapping[str, Any], kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    # The traits of a group are the group's.
    of_person = {} if kind == "group" else _object(message, "traits")
    return flat_traits({**_object(_object(message, "context"), "traits"), **of_person})


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}
