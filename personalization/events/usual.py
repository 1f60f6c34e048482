"""Most events are of the usual kind, and one look at a compiled schema shows that they are right.

The schema is stricter than the rules of `validating.py`, never laxer: what it lets through they
would accept unchanged, and tests hold them to it. All else (traits, further identifiers, what is
nested, long, odd or wrong) goes through them step by step, and they say what is wrong.
"""

from datetime import datetime
from typing import Any, Final

import jsonschema_rs

from personalization.events.accepted import AcceptedEvent
from personalization.events.validating import DIRECT, moment_of
from personalization.identifiers.kinds import Kinds

# Together so small that no event of these can be too large, or its value.
MOST_FIELDS: Final = 20
LONGEST_TEXT: Final = 150
LARGEST_NUMBER: Final = 2**53
LARGEST_PRICE: Final = 1e6
LARGEST_QUANTITY: Final = 1e5

TEXT: Final = {"type": "string", "maxLength": LONGEST_TEXT, "pattern": r"^[^\x00-\x1f]*$"}
# Nothing that would be trimmed.
NAME: Final = {"type": "string", "pattern": "^[!-~]([ -~]{0,62}[!-~])?$"}
ID: Final = {"type": ["string", "null"], "pattern": "^[!-~]{1,128}$"}
PLAIN: Final = {
    **TEXT,
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
NEVER: Final = dict.fromkeys(DIRECT, False)
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
            "properties": {**PART, "properties": NEVER | KNOWN},
            "context": {**PART, "properties": NEVER},
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
    anonymous_id, user_id = raw.get("anonymous_id") or "", raw.get("user_id") or ""
    if not (anonymous_id or user_id):
        return None
    if anonymous_id and kinds.names_nobody("anonymous", anonymous_id):
        return None
    if user_id and kinds.names_nobody("user", user_id):
        return None
    return AcceptedEvent(
        raw["message_id"],
        raw["type"],
        moment_of(raw.get("occurred_at"), now=now),
        now,
        anonymous_id,
        user_id,
        {},
        raw.get("properties") or {},
        raw.get("context") or {},
        {},
        source,
        [],
    )
