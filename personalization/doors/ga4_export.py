"""Rows of Google Analytics 4's BigQuery export as our events.

Fields after Google's "BigQuery Export schema". A row is read as a call of the Measurement Protocol
would be, so that an event is the same here whichever way it came. BigQuery writes whole numbers as
texts into JSON, and as numbers into Parquet; both are read alike.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from personalization.doors.ga4 import NAME, NO_MICROS, Call, occurred_at, our_events
from personalization.doors.translated import CONSENT, Translated
from personalization.events.keepable import EventRefused

VALUE_KINDS: Final = ("string_value", "int_value", "float_value", "double_value")
WHOLE_NUMBERS: Final = frozenset({"int_value"})
NUMBERS: Final = frozenset({"float_value", "double_value"})
# What tells two rows apart that one visitor's one moment and name do not.
BATCH: Final = (
    "event_bundle_sequence_id",
    "batch_page_id",
    "batch_ordering_id",
    "batch_event_index",
)
# Of the whole purchase; ours are read from the parameters, so that is where these go.
ECOMMERCE: Final[Mapping[str, str]] = {
    "transaction_id": "transaction_id",
    "purchase_revenue": "value",
    "refund_value": "value",
    "shipping_value": "shipping",
    "tax_value": "tax",
}
# Of an item: what is repeated of the order, or is money converted by Google, is left out.
NOT_OF_ITEMS: Final = frozenset(
    {"price_in_usd", "item_revenue", "item_revenue_in_usd", "item_refund", "item_refund_in_usd"}
)
NOT_SET: Final = frozenset({"(not set)", "(direct)", "(none)", ""})
# Our context, and where the row has it.
CONTEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "device": ("device", "category"),
    "os": ("device", "operating_system"),
    "browser": ("device", "web_info", "browser"),
    "locale": ("device", "language"),
    "country": ("geo", "country"),
    "region": ("geo", "region"),
    "campaign": ("traffic_source", "name"),
    "source": ("traffic_source", "source"),
    "medium": ("traffic_source", "medium"),
}
NO_STORAGE: Final = "No"


@dataclass(frozen=True, slots=True)
class RowFault(Exception):
    """What is wrong with a row: which field, and why."""

    field: str
    message: str


def read_row(row: Mapping[str, Any], *, now: datetime) -> Translated:
    """Return the row as our events, or why it is none."""
    name = row.get("event_name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return Translated((), ("event_name", "Use at most 40 letters, digits and underscores."))
    if _at(row, ("privacy_info", "analytics_storage")) == NO_STORAGE:
        return Translated((), (CONSENT, "The visitor refused analytics storage at Google."))
    try:
        return Translated(_events(row, name, now=now))
    except RowFault as fault:
        return Translated((), (fault.field, fault.message))


def _events(row: Mapping[str, Any], name: str, *, now: datetime) -> list[dict[str, Any]]:
    call = Call(_body(row), _text(row.get("stream_id")), now)
    params = _params(row)
    event = {"name": name, "timestamp_micros": row.get("event_timestamp")}
    if event["timestamp_micros"] is None:
        raise RowFault("event_timestamp", "The time of the event is missing.")
    if occurred_at(call, event) is None:
        raise RowFault("event_timestamp", NO_MICROS)
    try:
        events = our_events(call, event, params, message_id=_message_id(row, params))
    except EventRefused as refusal:
        raise RowFault(refusal.field.removeprefix("properties."), refusal.message) from refusal
    return [{**one, "context": {**_context(row), **one["context"]}} for one in events]


def _body(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "client_id": row.get("user_pseudo_id"),
        "user_id": row.get("user_id"),
        "user_properties": {
            name: {"value": value} for name, value in _pairs(row, "user_properties")
        },
    }


def _params(row: Mapping[str, Any]) -> dict[str, Any]:
    params = dict(_pairs(row, "event_params"))
    ecommerce = row.get("ecommerce")
    for theirs, ours in ECOMMERCE.items() if isinstance(ecommerce, Mapping) else ():
        value = ecommerce.get(theirs) if isinstance(ecommerce, Mapping) else None
        if value is not None and str(value) not in NOT_SET:
            params.setdefault(ours, _number(value) if ours != "transaction_id" else str(value))
    if items := list(_items(row)):
        params["items"] = items
    return params


def _items(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    items = row.get("items")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping):
            yield {
                name: _number(value) if name in ("price", "quantity") else value
                for name, value in item.items()
                if value is not None
                and str(value) not in NOT_SET
                and name not in NOT_OF_ITEMS
                and not isinstance(value, list)
            }


def _pairs(row: Mapping[str, Any], field: str) -> Iterator[tuple[str, Any]]:
    """Yield name and value of a repeated record: one of its four kinds of value is set."""
    listed = row.get(field) or []
    if not isinstance(listed, list):
        raise RowFault(field, "Use a list of objects with key and value.")
    for one in listed:
        name = one.get("key") if isinstance(one, Mapping) else None
        value = one.get("value") if isinstance(one, Mapping) else None
        if not isinstance(name, str) or not isinstance(value, Mapping):
            raise RowFault(field, "Use a list of objects with key and value.")
        for kind in VALUE_KINDS:
            if value.get(kind) is not None:
                yield name, _typed(value[kind], kind)
                break


def _typed(value: Any, kind: str) -> Any:
    if kind in WHOLE_NUMBERS:
        return int(value) if isinstance(value, str) and _is_whole(value) else value
    return _number(value) if kind in NUMBERS else value


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _number(value: Any) -> Any:
    """Return a number that came as text as one, the same from JSON and Parquet."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value  # the door says what is wrong with it
    return int(number) if number.is_integer() else number


def _context(row: Mapping[str, Any]) -> dict[str, str]:
    found = {ours: _at(row, path) for ours, path in CONTEXT.items()}
    return {
        ours: value
        for ours, value in found.items()
        if isinstance(value, str) and value not in NOT_SET
    }


def _at(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = row
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:64]


def _message_id(row: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """Return the same id for the same row, in whatever file and order it comes.

    The export numbers no events. A purchase is known by its transaction, as Google counts it; other
    rows by visitor, moment, name and batch, and by their content where all of these are equal.
    """
    stream, name = _text(row.get("stream_id")), row["event_name"]
    if name == "purchase" and params.get("transaction_id"):
        said = ["export", stream, name, params["transaction_id"]]
    else:
        who = [_text(row.get("user_pseudo_id")), _text(row.get("user_id"))]
        batch = [_text(row.get(field)) for field in BATCH]
        said = ["export", stream, *who, _text(row.get("event_timestamp")), name, batch, params]
    written = json.dumps(said, sort_keys=True, default=str)
    return blake2b(written.encode(), digest_size=16).hexdigest()
