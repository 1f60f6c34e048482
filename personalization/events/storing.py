"""Write events to PostgreSQL by COPY, each message once."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson
from django.db import connection

from personalization.events.accepted import AcceptedEvent
from personalization.events.counting import AS_ACT, IN_CATEGORY
from personalization.events.partitions import ensure_partitions

NOTHING: Final = "{}"
COLUMNS: Final[dict[str, str]] = {
    "id": "uuid",
    "occurred_at": "timestamptz",
    "received_at": "timestamptz",
    "profile_id": "int8",
    "identifier_id": "int8",
    "type": "text",
    "item_id": "text",
    "category": "text",
    "value": "numeric",
    "counted": "int2",
    "properties": "jsonb",
    "context": "jsonb",
    "traits": "jsonb",
    "purposes": "text[]",
    "source": "text",
    "flags": "text[]",
}
COPY: Final = f"COPY events_event ({', '.join(COLUMNS)}) FROM STDIN"
SEE: Final = """
    INSERT INTO events_seenmessage (id) SELECT unnest(string_to_array(%s, ',')::uuid[])
    ON CONFLICT DO NOTHING RETURNING encode(uuid_send(id), 'hex')
"""
KNOWN: Final = """
    SELECT encode(uuid_send(id), 'hex') FROM events_seenmessage
    WHERE id = ANY(string_to_array(%s, ',')::uuid[])
"""


# A tuple, as there is one of each event.
class ToStore(NamedTuple):
    """An event, the profile it belongs to, and the purposes its visitor allows now.

    `identifier_id` is the best identifier in it, which says whose it is should a merge be undone;
    `rank` is how well that one names a person.
    `category` is the event's own, or its item's at this moment; `counted` has the bits of
    `counting.py`. Both are kept, so that facts rebuilt later are the facts of today.
    """

    event: AcceptedEvent
    key: str
    profile_id: int
    purposes: frozenset[str]
    category: str = ""
    counted: int = AS_ACT | IN_CATEGORY
    identifier_id: int | None = None
    rank: int = 0


def see(keys: Iterable[str]) -> set[str]:
    """Mark these digests as seen for ever, and return those that had not been."""
    # In the order of ids, so that two consumers never wait for each other.
    with connection.cursor() as cursor:
        # One text: an array would be escaped by Python, part by part.
        cursor.execute(SEE, [",".join(sorted(set(keys)))])
        return {key for (key,) in cursor.fetchall()}


def seen_before(keys: Iterable[str]) -> set[str]:
    """Return those of these digests that are marked as seen."""
    wanted = ",".join(set(keys))
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [wanted])
        return {key for (key,) in cursor.fetchall()}


def store_events(rows: Sequence[ToStore]) -> None:
    """Store new messages whose visitors allow analytics.

    Call it inside the transaction that marks them as seen and updates the profiles.
    """
    ensure_partitions(row.event.occurred_at for row in rows)
    # Django wraps the errors of execute(), but knows nothing of copy().
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(COPY) as copy,
    ):
        for row in rows:
            copy.write_row(_as_columns(row))


def _as_columns(row: ToStore) -> tuple[object, ...]:
    event = row.event
    return (
        row.key,
        event.occurred_at,
        event.received_at,
        row.profile_id,
        row.identifier_id,
        event.type,
        event.properties.get("item_id", ""),
        row.category,
        event.value,
        row.counted,
        _json(event.properties),
        _json(event.context),
        _json(event.traits) if "personalization" in row.purposes else NOTHING,
        _array(row.purposes),
        event.source,
        _array(frozenset(event.flags)),
    )


def _json(part: dict[str, Any]) -> str:
    return orjson.dumps(part).decode() if part else NOTHING


@lru_cache(maxsize=1_000)
def _array(names: frozenset[str]) -> str:
    """Return names as PostgreSQL reads an array; a flag quotes a property, named by its sender."""
    quoted = (name.replace("\\", r"\\").replace('"', r"\"") for name in sorted(names))
    return "{" + ",".join(f'"{name}"' for name in quoted) + "}"
