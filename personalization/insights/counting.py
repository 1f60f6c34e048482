"""Count received events by hour, source and type, a few hours at a time."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from personalization.insights.models import HourlyVolume

KEPT: Final = timedelta(days=35)
# The last hours are counted again: they were not over, or the consumer was behind.
COUNTED_AGAIN: Final = timedelta(hours=2)
COUNT: Final = """
    INSERT INTO insights_hourlyvolume
        (hour, source, type, events, flagged, late_minute, late_hour, late_day, latest)
    SELECT date_trunc('hour', received_at), source, type, count(*),
        -- That something personal was left out is as it should be.
        count(*) FILTER (
            WHERE EXISTS (SELECT FROM unnest(flags) AS flag WHERE flag NOT LIKE 'left_out:%%')
        ),
        count(*) FILTER (WHERE received_at - occurred_at > interval '1 minute'),
        count(*) FILTER (WHERE received_at - occurred_at > interval '1 hour'),
        count(*) FILTER (WHERE received_at - occurred_at > interval '1 day'),
        max(received_at)
    FROM events_event WHERE received_at >= %s AND received_at < %s
    GROUP BY 1, 2, 3
    ON CONFLICT (hour, source, type) DO UPDATE SET
        events = excluded.events, flagged = excluded.flagged,
        late_minute = excluded.late_minute, late_hour = excluded.late_hour,
        late_day = excluded.late_day, latest = excluded.latest
"""


@transaction.atomic
def count_hours(*, now: datetime) -> None:
    """Bring the counts up to date; the first time over five weeks, then over the last hours."""
    latest = HourlyVolume.objects.order_by("-hour").values_list("hour", flat=True).first()
    start = max(latest - COUNTED_AGAIN, now - KEPT) if latest else now - KEPT
    start = start.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [start, now + timedelta(hours=1)])
    HourlyVolume.objects.filter(hour__lt=now - KEPT).delete()
