"""Most events are of the usual kind, and one look at a compiled schema shows that they are right.

The schema is stricter than the rules of `validating.py`, never laxer: what it lets through they
would accept unchanged, and tests hold them to it. All else (traits, further identifiers, what is
nested, long, odd or wrong) goes through them step by step, and they say what is wrong.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs

from personalization.events.accepted import AcceptedEvent
from personalization.events.validating import moment_of
from personalization.identifiers.kinds import Kinds
from personalization.vault.leaving_out import PAGE_ADDRESSES, QUERY
from personalization.vault.naming import canonical

# Together so small that no event of these can be too large, or its value.
MOST_FIELDS: Final = 20
LONGEST_TEXT: Final = 150
LARGEST_NUMBER: Final = 2**53
LARGEST_PRICE: Final = 1e6
LARGEST_QUANTITY: Final = 1e5

TEXT: Final = {"type": "string", "maxLength": LONGEST_TEXT, "pattern": r"^[^\x00-\x1f]*$"}
# In a property or in the context nothing in which an e-mail address could stand: @, or % for %40.
SAYING_NOBODY: Final = {**TEXT, "pattern": r"^[^\x00-\x1f@%]*$"}
WITHOUT_QUERY: Final = r"^[^\x00-\x1f@%?#]*$"
# Nothing that would be trimmed either.
NAME: Final = {"type": "string", "pattern": "^[!-$&-?A-~]([ -$&-?A-~]{0,62}[!-$&-?A-~])?$"}
ID: Final = {"type": ["string", "null"], "pattern": "^[!-~]{1,128}$"}
PLAIN: Final = {
    **SAYING_NOBODY,
    "type": ["string", "number", "boolean"],
    "minimum": -LARGEST_NUMBER,
    "maximum": LARGEST_NUMBER,
}
PART: Final = {
    "type": "object",
    "maxProperties": MOST_FIELDS,
    "propertyNames": {"pattern": "^[a-z0-9_]{1,64}$"},
    "additionalProperties": PLAIN,
}
PAGE: Final = PLAIN | {"pattern": WITHOUT_QUERY}
ADDRESSES: Final = dict.fromkeys((*PAGE_ADDRESSES, QUERY), PAGE)
KNOWN: Final = {
    "item_id": NAME,
    "category": NAME,
    "order_id": NAME,
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "price": {"type": "number", "minimum": 0, "maximum": LARGEST_PRICE},
    "quantity": {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_QUANTITY},
    "value": {"type": "number", "minimum": -LARGEST_PRICE, "maximum": LARGEST_PRICE},
}
USUAL: Final = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["message_id", "type"],
        "properties": {
            "message_id": {**TEXT, "minLength": 1, "maxLength": 100},
            "type": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
            "occurred_at": {"type": ["string", "null"]},
            "anonymous_id": ID,
            "user_id": ID,
            "properties": {**PART, "properties": ADDRESSES | KNOWN},
            "context": {**PART, "properties": ADDRESSES},
        },
        "additionalProperties": False,
    },
    pattern_options=jsonschema_rs.RegexOptions(),
)


def usual_event(raw: Any, *, kinds: Kinds, now: datetime, source: str) -> AcceptedEvent | None:
    """Return the accepted event; None where it takes a closer look.

    Raises EventRefused where it happened at no time.
    """
    try:
        if not USUAL.is_valid(raw):
            return None
    except ValueError:  # it holds what JSON cannot
        return None
    properties, context = raw.get("properties") or {}, raw.get("context") or {}
    anonymous_id, user_id = raw.get("anonymous_id") or "", raw.get("user_id") or ""
    if not (anonymous_id or user_id):
        return None
    if _any_is_personal(tuple(properties)) or _any_is_personal(tuple(context)):
        return None
    if _names_nobody(kinds, anonymous_id, user_id):
        return None
    return AcceptedEvent(
        raw["message_id"],
        raw["type"],
        moment_of(raw.get("occurred_at"), now=now),
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


def _names_nobody(kinds: Kinds, anonymous_id: str, user_id: str) -> bool:
    return bool(anonymous_id and kinds.names_nobody("anonymous", anonymous_id)) or bool(
        user_id and kinds.names_nobody("user", user_id)
    )


# The events of a shop have few shapes, and each is looked at once.
@lru_cache(maxsize=2_000)
def _any_is_personal(names: tuple[str, ...]) -> bool:
    return any(canonical(name) is not None for name in names)
