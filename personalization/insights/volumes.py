"""How much came, from where, how fresh, and how late."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import TruncDate

from personalization.insights.models import HourlyVolume

FLAGS: Final = """
    SELECT type, flag, count(*) FROM events_event, unnest(flags) AS flag
    WHERE received_at >= %s AND cardinality(flags) > 0
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50
"""


def volumes(*, days: int, now: datetime) -> list[dict[str, Any]]:
    """Return events by day of each source and type, oldest day first, the most frequent first."""
    last = now.astimezone(UTC).date()
    place = {last - timedelta(days=ago): days - 1 - ago for ago in range(days)}
    rows = _since(now - timedelta(days=days)).annotate(day=TruncDate("hour"))
    grouped = rows.values_list("source", "type", "day").annotate(Sum("events"), Sum("flagged"))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for source, kind, day, events, flagged in grouped.order_by("source", "type", "day"):
        one = found.setdefault(
            (source, kind),
            {"source": source, "type": kind, "by_day": [0] * days, "events": 0, "flagged": 0},
        )
        if day in place:
            one["by_day"][place[day]] = events
            one["events"] += events
            one["flagged"] += flagged
    return sorted(found.values(), key=lambda one: -one["events"])


def freshness(*, now: datetime) -> list[dict[str, Any]]:
    """Return when each source was heard last, and how many of a week's events were late."""
    heard = HourlyVolume.objects.values_list("source").annotate(Max("latest"))
    week = dict[str, tuple[int, ...]]()
    sums = (Sum("events"), Sum("late_minute"), Sum("late_hour"), Sum("late_day"), Sum("flagged"))
    for source, *counts in (
        _since(now - timedelta(days=7)).values_list("source").annotate(*sums).order_by("source")
    ):
        week[source] = tuple(counts)
    found = []
    for source, latest in heard.order_by("source"):
        events, minute, hour, day, flagged = week.get(source, (0, 0, 0, 0, 0))
        found.append(
            {
                "source": source,
                "latest": latest.isoformat(),
                "events": events,
                "late_minute": minute,
                "late_hour": hour,
                "late_day": day,
                "flagged": flagged,
            }
        )
    return found


def flags(*, days: int, now: datetime) -> list[dict[str, Any]]:
    """Return how many recent events of each type bear each flag, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(FLAGS, [now - timedelta(days=days)])
        return [{"type": kind, "flag": flag, "events": n} for kind, flag, n in cursor.fetchall()]


def _since(start: datetime) -> QuerySet[HourlyVolume]:
    return HourlyVolume.objects.filter(hour__gte=start)
