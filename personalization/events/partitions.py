"""The monthly partitions of the event table: made when an event needs one, dropped when old."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

TABLE: Final = "events_event"
NAME: Final = re.compile(rf"{TABLE}_(\d{{4}})_(\d{{2}})")
# Whoever asks for events meanwhile waits no longer; the next night tries again.
PATIENCE_MS: Final = 3_000
PARTITIONS: Final = """
    SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
    WHERE inhparent = %s::regclass
"""
_known: set[date] = set()


def ensure_partitions(moments: Iterable[datetime]) -> None:
    """Create the partition of each month that these moments fall in, where there is none."""
    months = {moment.astimezone(UTC).date().replace(day=1) for moment in moments}
    # Another process may have dropped what is older, by the clock that both go by.
    oldest = oldest_month_kept(now=datetime.now(UTC))
    unknown = {month for month in months if month not in _known or (oldest and month < oldest)}
    for month in sorted(unknown):
        _create(month)
    # Not before: a transaction that is rolled back takes its new partitions with it.
    if unknown:
        transaction.on_commit(partial(_known.update, unknown))


def oldest_month_kept(*, now: datetime) -> date | None:
    """Return the first month whose events stay, as settings say; None: all months do.

    Whole months are dropped, so events stay for EVENTS_KEPT_MONTHS at least.
    """
    if not settings.EVENTS_KEPT_MONTHS:
        return None
    today = now.astimezone(UTC).date()
    months = today.year * 12 + today.month - 1 - settings.EVENTS_KEPT_MONTHS
    return date(months // 12, months % 12 + 1, 1)


def months_before(month: date) -> list[date]:
    """Return the months before this one that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS, [TABLE])
        found = [NAME.fullmatch(name) for (name,) in cursor.fetchall()]
    months = [date(int(one[1]), int(one[2]), 1) for one in found if one]
    return sorted(one for one in months if one < month)


def close_month(month: date) -> None:
    """Let nothing more be stored in the month's partition until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(PATIENCE_MS))
        cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(_partition(month)))


def drop_month(month: date) -> None:
    """Drop the month's partition with all its events. Call it where `close_month` was called."""
    with connection.cursor() as cursor:
        parent, name = sql.Identifier(TABLE), _partition(month)
        cursor.execute(sql.SQL("ALTER TABLE {} DETACH PARTITION {}").format(parent, name))
        cursor.execute(sql.SQL("DROP TABLE {}").format(name))
    _known.discard(month)


def _partition(month: date) -> sql.Identifier:
    return sql.Identifier(f"{TABLE}_{month:%Y_%m}")


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
