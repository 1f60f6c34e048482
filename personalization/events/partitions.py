"""The monthly partitions of the event table."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from django.db import connection, transaction
from psycopg import sql

TABLE: Final = "events_event"
_known: set[date] = set()


def ensure_partitions(moments: Iterable[datetime]) -> None:
    """Create the partition of each month that these moments fall in, where there is none."""
    months = {moment.astimezone(UTC).date().replace(day=1) for moment in moments}
    unknown = months - _known
    for month in sorted(unknown):
        _create(month)
    # Not before: a transaction that is rolled back takes its new partitions with it.
    if unknown:
        transaction.on_commit(partial(_known.update, unknown))


def _create(month: date) -> None:
    following = (month.replace(day=28) + (date(2000, 1, 5) - date(2000, 1, 1))).replace(day=1)
    name = f"{TABLE}_{month:%Y_%m}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0]:
            return
        # Made apart and then attached: CREATE … PARTITION OF would lock out every reader.
        cursor.execute(
            sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS)").format(
                sql.Identifier(name), sql.Identifier(TABLE)
            )
        )
        cursor.execute(
            sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(TABLE),
                sql.Identifier(name),
                sql.Literal(f"{month}T00:00:00Z"),
                sql.Literal(f"{following}T00:00:00Z"),
            )
        )
