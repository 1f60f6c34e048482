"""All profiles that match a rule, held in a table of their own while they are compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from personalization.census.counting import ATTEMPTS
from personalization.census.planning import current_plan
from personalization.census.statements import asked, found_statement
from personalization.rules.querying import rule_sql
from personalization.rules.sql import Sql, filled
from personalization.rules.tree import Rule

GATHERED: Final = "census_gathered"
GATHER: Final = f"CREATE TEMPORARY TABLE {GATHERED} (version, id) AS {{found}}"
FORGET: Final = f"DROP TABLE {GATHERED}"
VERSIONS: Final = f"SELECT DISTINCT version FROM {GATHERED}"  # noqa: S608 - a name of ours
NO_IDS: Final = f"DELETE FROM {GATHERED} WHERE id IS NULL"  # noqa: S608
BY_FACTS: Final = "SELECT 0, id FROM profiles_profile WHERE {rule}"


@contextmanager
def gathered(*, rule: Rule, now: datetime) -> Iterator[str]:
    """Hold the `id` of each profile that matches; gives the table's name.

    The rule is read once, however often the table is. It has no references left in it, and every
    condition on the visit is taken to be fulfilled.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not _gather_from_census(rule, now):
            by_facts = filled(BY_FACTS, rule=rule_sql(rule, now=now))
            _execute(filled(GATHER, found=by_facts))
        cursor.execute(f"ANALYZE {GATHERED}")
        yield GATHERED
        cursor.execute(FORGET)


def _gather_from_census(rule: Rule, now: datetime) -> bool:
    for _ in range(ATTEMPTS):
        plan = current_plan()
        one = asked(rule, plan=plan, now=now)
        if one is None:
            return False
        day = plan.day if plan.needs_day(rule) else None
        _execute(filled(GATHER, found=found_statement(one, day=day, limit=None)))
        with connection.cursor() as cursor:
            cursor.execute(VERSIONS)
            versions = {version for (version,) in cursor.fetchall()}
            if versions == {plan.version}:
                cursor.execute(NO_IDS)
                return True
            cursor.execute(FORGET)
    return False


def _execute(sql: Sql) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
