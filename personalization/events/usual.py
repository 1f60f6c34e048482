"""Most events are of the usual kind, and one look at a whole batch shows that they are right.

What is looked for is stricter than the rules of `validating.py`, never laxer: what passes they
would accept unchanged, and tests hold them to it. All else (traits, further identifiers, what is
nested, long, odd or wrong) goes through them step by step, and they say what is wrong.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
import orjson

from personalization.events.accepted import AcceptedEvent
from personalization.events.keepable import EventRefused
from personalization.events.validating import TYPE, moment_of
from personalization.identifiers.kinds import Kinds
from personalization.vault.leaving_out import PAGE_ADDRESSES, QUERY
from personalization.vault.naming import canonical

# Together so small that no event of these can be too large, or its value.
MOST_FIELDS: Final = 20
LONGEST_TEXT: Final = 150
LARGEST_NUMBER: Final = 2**53
LARGEST_PRICE: Final = 1e6
LARGEST_QUANTITY: Final = 1e5

TEXT: Final = {"type": "string", "maxLength": LONGEST_TEXT}
# What Python takes for blank, which is a little more than what patterns do.
NAME: Final = {"type": "string", "maxLength": 64, "pattern": r"[^\s\x00-\x1f]"}
ID: Final = {"type": ["string", "null"], "minLength": 1, "maxLength": 128}
PLAIN: Final = {
    **TEXT,
    "type": ["string", "number", "boolean"],
    "minimum": -LARGEST_NUMBER,
    "maximum": LARGEST_NUMBER,
}
PART: Final = {
    "type": ["object", "null"],
    "maxProperties": MOST_FIELDS,
    "additionalProperties": PLAIN,
}
WITHOUT_QUERY: Final = PLAIN | {"pattern": "^[^?#]*$"}
ADDRESSES: Final = dict.fromkeys((*PAGE_ADDRESSES, QUERY), WITHOUT_QUERY)
PLAIN_NAME: Final = re.compile("[a-z0-9_]{1,64}")
KNOWN: Final = {
    "item_id": NAME,
    "category": NAME,
    "order_id": NAME,
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "price": {"type": "number", "minimum": 0, "maximum": LARGEST_PRICE},
    "quantity": {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_QUANTITY},
    "value": {"type": "number", "minimum": -LARGEST_PRICE, "maximum": LARGEST_PRICE},
}
USUAL: Final = {
    "type": "object",
    "required": ["message_id", "type"],
    "properties": {
        "message_id": {**TEXT, "minLength": 1, "maxLength": 100},
        "type": {"type": "string", "maxLength": 64},
        "occurred_at": {"type": ["string", "null"]},
        "anonymous_id": ID,
        "user_id": ID,
        "properties": {**PART, "properties": ADDRESSES | KNOWN},
        "context": {**PART, "properties": ADDRESSES},
    },
    "additionalProperties": False,
}
ALL_USUAL: Final = jsonschema_rs.Draft202012Validator(
    {"type": "array", "items": USUAL}, pattern_options=jsonschema_rs.RegexOptions()
)
# As JSON is written: a NUL, and what an e-mail address could stand in: @, or % for %40.
NOT_USUAL: Final = (b"\\u0000", b"@", b"%")


def usual_events(
    raws: Sequence[Any], *, kinds: Kinds, now: datetime, source: str
) -> list[AcceptedEvent | None]:
    """Return the accepted event of each; None where it takes a closer look."""
    if _have_usual_form(raws):
        return [_event(raw, kinds, now, source) for raw in raws]
    return [_event(raw, kinds, now, source) if _have_usual_form([raw]) else None for raw in raws]


def _have_usual_form(raws: Sequence[Any]) -> bool:
    try:
        if not ALL_USUAL.is_valid(raws):
            return False
        written = orjson.dumps(raws)  # which halves of surrogate pairs cannot be
        return not any(mark in written for mark in NOT_USUAL)
    except (TypeError, ValueError):  # they hold what JSON cannot
        return False


def _event(raw: dict[str, Any], kinds: Kinds, now: datetime, source: str) -> AcceptedEvent | None:
    kind, properties, context = raw["type"], raw.get("properties") or {}, raw.get("context") or {}
    if not (_is_type(kind) and _are_plain(tuple(properties)) and _are_plain(tuple(context))):
        return None
    anonymous_id, user_id = raw.get("anonymous_id") or "", raw.get("user_id") or ""
    if not (anonymous_id or user_id):
        return None
    if anonymous_id and not _names_somebody("anonymous", anonymous_id, kinds):
        return None
    if user_id and not _names_somebody("user", user_id, kinds):
        return None
    moment = now
    if raw.get("occurred_at") is not None:
        try:
            moment = moment_of(raw["occurred_at"], now=now)
        except EventRefused:
            return None
    return AcceptedEvent(
        raw["message_id"],
        kind,
        moment,
        now,
        anonymous_id,
        user_id,
        {},
        properties,
        context,
        {},
        source,
        [],
    )


@lru_cache(maxsize=1_000)
def _is_type(stated: str) -> bool:
    return TYPE.fullmatch(stated) is not None


# A shop's events have few sets of fields, and each is looked at once.
@lru_cache(maxsize=1_000)
def _are_plain(names: tuple[str, ...]) -> bool:
    return all(PLAIN_NAME.fullmatch(name) and canonical(name) is None for name in names)


def _names_somebody(kind: str, value: str, kinds: Kinds) -> bool:
    return value == value.strip() and not kinds.names_nobody(kind, value)
