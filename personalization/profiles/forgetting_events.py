"""Drop events that are older than settings keep them; what facts count of them stays."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import OperationalError, connection, transaction
from psycopg import sql

from personalization.events.partitions import (
    TABLE,
    close_month,
    drop_month,
    months_before,
    oldest_month_kept,
)

logger = logging.getLogger(__name__)

AT_ONCE: Final = 1_000
# Facts that hold acts of this month can no longer be made anew from events.
MARK: Final = """
    WITH acting AS (
        SELECT DISTINCT profile_id FROM {} WHERE 'personalization' = ANY(purposes)
    ), chosen AS (
        SELECT id FROM profiles_profile JOIN acting ON id = profile_id
        WHERE NOT has_unkept_acts ORDER BY id LIMIT {} FOR UPDATE OF profiles_profile
    )
    UPDATE profiles_profile SET has_unkept_acts = true FROM chosen
    WHERE profiles_profile.id = chosen.id
"""


@dataclass(slots=True)
class Forgotten:
    """What a run dropped, and how many profiles can no longer be rebuilt because of it."""

    months: int = 0
    profiles: int = 0


def forget_old_events(*, now: datetime) -> Forgotten:
    """Drop each month that is over for as long as EVENTS_KEPT_MONTHS, oldest first.

    A month that somebody is reading for long is left to the next run.
    """
    done = Forgotten()
    oldest = oldest_month_kept(now=now)
    for month in months_before(oldest) if oldest else ():
        # In small steps beforehand, so that the consumer never waits for long.
        while marked := _mark(month, at_once=AT_ONCE):
            done.profiles += marked
        try:
            done.profiles += _drop(month)
        except OperationalError as error:
            logger.warning("Events of %s are in use and stay for now: %s", f"{month:%Y-%m}", error)
            return done
        done.months += 1
    return done


@transaction.atomic
def _drop(month: date) -> int:
    close_month(month)
    marked = 0
    while more := _mark(month, at_once=AT_ONCE):
        marked += more
    drop_month(month)
    return marked


@transaction.atomic
def _mark(month: date, *, at_once: int) -> int:
    table = sql.Identifier(f"{TABLE}_{month:%Y_%m}")
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(MARK).format(table, at_once))
        return int(cursor.rowcount)
