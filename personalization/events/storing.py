"""Write events to PostgreSQL by COPY, each message once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson
from django.db import connection
from psycopg.types.json import Jsonb

from personalization.events.accepted import AcceptedEvent
from personalization.events.partitions import ensure_partitions

COLUMNS: Final = (
    "id, occurred_at, received_at, profile_id, type, item_id, value, properties, context, purposes,"
    " source, flags"
)
INCOMING: Final = """
    CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
        id uuid, occurred_at timestamptz, received_at timestamptz, profile_id bigint,
        type text, item_id text, value numeric, properties jsonb, context jsonb, purposes text[],
        source text, flags text[]
    ) ON COMMIT DELETE ROWS
"""
STORE: Final = f"""
    WITH fresh AS (
        INSERT INTO events_seenmessage (id) SELECT DISTINCT id FROM incoming
        ON CONFLICT DO NOTHING RETURNING id
    ), stored AS (
        INSERT INTO events_event ({COLUMNS})
        SELECT DISTINCT ON (id) {COLUMNS} FROM incoming JOIN fresh USING (id)
        WHERE 'analytics' = ANY (purposes)
    )
    SELECT id FROM fresh
"""  # noqa: S608  # COLUMNS is a constant above


@dataclass(frozen=True, slots=True)
class ToStore:
    """An event, the profile it belongs to, and the purposes its visitor allows now."""

    event: AcceptedEvent
    key: UUID
    profile_id: int
    purposes: frozenset[str]


def store_events(rows: Sequence[ToStore]) -> frozenset[UUID]:
    """Store the rows whose message is new, and return the keys of the new messages.

    Rows whose visitor does not allow analytics are marked as seen, but not kept. Call it inside
    the transaction that also updates the profiles.
    """
    ensure_partitions(row.event.occurred_at for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(INCOMING)
        # Django wraps the errors of execute(), but knows nothing of copy().
        with (
            connection.wrap_database_errors,
            cursor.copy(f"COPY incoming ({COLUMNS}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(_as_columns(row))
        cursor.execute(STORE)
        return frozenset(key for (key,) in cursor.fetchall())


def _as_columns(row: ToStore) -> tuple[object, ...]:
    event = row.event
    return (
        row.key,
        event.occurred_at,
        event.received_at,
        row.profile_id,
        event.type,
        event.properties.get("item_id", ""),
        event.value,
        Jsonb(event.properties, dumps=orjson.dumps),
        Jsonb(event.context, dumps=orjson.dumps),
        sorted(row.purposes),
        event.source,
        event.flags,
    )
