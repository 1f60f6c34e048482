"""About how many profiles match, from a sample that is the same each time."""

from datetime import datetime
from typing import Final

from django.db import connection

from personalization.rules.querying import read_from_few, rule_sql
from personalization.rules.sql import Sql, filled
from personalization.rules.tree import Rule

SAMPLED: Final = 10_000
# What PostgreSQL noted when it last looked; it need not count for that.
KNOWN_TOTAL: Final = (
    "SELECT reltuples::bigint FROM pg_class WHERE oid = 'profiles_profile'::regclass"
)
# Whole pages of the table, drawn by lot but each time the same ones, so that a number does not
# move while nothing changes.
SHARE: Final = """
SELECT count(*), count(*) FILTER (WHERE {rule})
FROM profiles_profile TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)
"""


def known_total() -> int:
    """Return about how many profiles there are, without counting them."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_TOTAL)
        [known] = cursor.fetchone()
    return max(0, int(known))


def estimate_share(*, rule: Rule, now: datetime) -> tuple[float, int]:
    """Return which share of the profiles matches, and about how many there are.

    `rule` has no references left in it.
    """
    total = known_total()
    with connection.cursor() as cursor:
        percent = min(100.0, 100 * SAMPLED / total) if total else 100.0
        sql = filled(
            SHARE, rule=rule_sql(rule, now=now, read=read_from_few), percent=Sql("%s", (percent,))
        )
        cursor.execute(sql.text, sql.params)
        read, matching = cursor.fetchone()
    return (matching / read if read else 0.0), max(total, read)
