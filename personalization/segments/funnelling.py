"""How many visitors took each step of a funnel, counted in one query over the events.

Only events whose visitor had agreed to analytics when they were stored are read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection

from consent.purposes import ANALYTICS
from personalization.events.counting import AS_ACT, IN_CATEGORY
from personalization.rules.sql import Sql
from personalization.segments.funnel_steps import Step

# One row for each act that is some step; further steps are added to it, each with the latest start
# from which it was reached in time. A later start leaves more time, so the latest is the best.
# In whole seconds, as facts keep acts, so that rules on two steps find the same people.
ACTS: Final = """
SELECT profile_id, date_trunc('second', occurred_at) AS at, {steps} FROM events_event
WHERE occurred_at >= %s AND occurred_at < %s AND type = ANY(%s) AND %s = ANY(purposes)
"""
FIRST: Final = "SELECT *, CASE WHEN s1 AND at < %s THEN at END AS l1 FROM ({inner}) AS a"
NEXT: Final = """
SELECT *, CASE WHEN s{this} AND at <= b{this} + %s THEN b{this} END AS l{this} FROM (
  SELECT *, max(l{before}) OVER (PARTITION BY profile_id ORDER BY at
    GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS b{this}
  FROM ({inner}) AS a
) AS b
"""
REACHED: Final = """
SELECT profile_id, {latest} FROM ({inner}) AS a GROUP BY profile_id HAVING max(l1) IS NOT NULL
"""
EARLIEST: Final = """
SELECT min(occurred_at) FROM events_event
WHERE type = ANY(%s) AND %s = ANY(purposes) AND occurred_at < %s
"""
# At which step they are, when nothing followed: in time still, or not any more.
STOPPED: Final = "m{this} IS NOT NULL AND m{next} IS NULL"


@dataclass(frozen=True, slots=True)
class Period:
    """When the first step was taken: from one moment to before another."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, days: int, *, now: datetime) -> "Period":
        """Return today and the days before, so many in all, in UTC."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        end = midnight + timedelta(days=1)
        return cls(end - timedelta(days=days), end)

    @property
    def before(self) -> "Period":
        """The period of the same length right before."""
        return Period(self.start - (self.end - self.start), self.start)


@dataclass(frozen=True, slots=True)
class Reached:
    """Who took a step; of those who went no further, who dropped and who still has time."""

    step: Step
    visitors: int
    dropped: int
    still_in_time: int


def count_steps(
    *, steps: Sequence[Step], window: timedelta, period: Period, now: datetime
) -> list[Reached]:
    """Return, step by step, how many visitors took it after those before, in time.

    A visitor who began several times counts once, as far as they came at best.
    """
    reached = _reached(steps, window, period)
    columns: list[str] = []
    params: list[Any] = []
    for this in range(1, len(steps) + 1):
        columns.append(f"count(m{this})")
        if this < len(steps):
            stopped = STOPPED.format(this=this, next=this + 1)
            columns.append(f"count(*) FILTER (WHERE {stopped} AND m{this} > %s)")
            params.append(now - window)
    text = f"SELECT {', '.join(columns)} FROM ({reached.text}) AS r"  # noqa: S608 - own words
    with connection.cursor() as cursor:
        cursor.execute(text, [*params, *reached.params])
        row = list(cursor.fetchone())
    return _told(steps, row)


def known_steps(found: Sequence[Reached], *, part: Callable[[int], int]) -> list[Reached]:
    """Return the steps as known to someone who knows `part(number)` of those who ended at each.

    How many took a step is the sum of these, and tells no more than they do.
    """
    known: list[Reached] = []
    for one in reversed(found):
        dropped, open_ = part(one.dropped), part(one.still_in_time)
        visitors = known[-1].visitors + dropped + open_ if known else part(one.visitors)
        known.append(Reached(one.step, visitors, dropped, open_))
    return known[::-1]


def days_covered(*, steps: Sequence[Step], period: Period) -> int:
    """Return on how many of the period's days there are data: since the first act of its steps."""
    types = sorted({step.event for step in steps})
    with connection.cursor() as cursor:
        cursor.execute(EARLIEST, [types, ANALYTICS, period.end])
        [earliest] = cursor.fetchone()
    # Rounded up, by rounding down what is negative.
    since = timedelta(0) if earliest is None else max(earliest, period.start) - period.end
    return -(since // timedelta(days=1))


def dropped_profiles(
    *, steps: Sequence[Step], window: timedelta, period: Period, after: int, now: datetime
) -> Sql:
    """Return SQL for the profiles that took step `after`, counted from 1, and not the next.

    Those who still have time for it are not among them.
    """
    reached = _reached(steps, window, period)
    stopped = STOPPED.format(this=after, next=after + 1)
    text = f"SELECT profile_id FROM ({reached.text}) AS r WHERE {stopped} AND m{after} <= %s"  # noqa: S608 - own words
    return Sql(text, (*reached.params, now - window))


def _reached(steps: Sequence[Step], window: timedelta, period: Period) -> Sql:
    """Return SQL for each profile with the latest start, m1, m2 …, from which it took a step."""
    tests = [_test(step, number) for number, step in enumerate(steps, start=1)]
    text = ACTS.format(steps=", ".join(test.text for test in tests))
    types = sorted({step.event for step in steps})
    inner = (
        *(param for test in tests for param in test.params),
        *(period.start, period.end + window, types, ANALYTICS),
    )
    text, params = FIRST.format(inner=text), (period.end, *inner)
    for this in range(2, len(steps) + 1):
        text, params = NEXT.format(this=this, before=this - 1, inner=text), (window, *params)
    latest = ", ".join(f"max(l{n}) AS m{n}" for n in range(1, len(steps) + 1))
    return Sql(REACHED.format(latest=latest, inner=text), params)


def _test(step: Step, number: int) -> Sql:
    # The further lines of an order are no acts of their own, but its other categories' first ones.
    wanted = ["type = %s", "item_id = %s" if step.item else "TRUE"]
    params: list[Any] = [step.event, *([step.item] if step.item else [])]
    if step.category:
        wanted.append("category = %s")
        params.append(step.category)
    if not step.item:
        wanted.append("counted & %s > 0")
        params.append(IN_CATEGORY if step.category else AS_ACT)
    return Sql(f"({' AND '.join(wanted)}) AS s{number}", tuple(params))


def _told(steps: Sequence[Step], row: list[int]) -> list[Reached]:
    found = []
    for number, step in enumerate(steps):
        visitors = row[2 * number]
        is_last = number == len(steps) - 1
        open_, following = (0, visitors) if is_last else row[2 * number + 1 : 2 * number + 3]
        found.append(Reached(step, visitors, visitors - following - open_, open_))
    return found
