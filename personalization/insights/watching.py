"""Raise an alert when a source falls silent, and end it when it is heard again."""

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.mail import mail_admins
from django.db.models import Max, Sum

from personalization.insights.counting import count_hours
from personalization.insights.models import Alert, HourlyVolume
from personalization.insights.silence import expected_in_silence, is_silent

logger = logging.getLogger(__name__)

ALARM: Final = (
    "{source} is silent since {since:%-d %B, %H:%M} UTC;"
    " about {expected:,.0f} events were to be expected."
)


@dataclass(slots=True)
class Heard:
    """What came from a source, by hour, and when it was heard last."""

    counts: dict[datetime, int] = field(default_factory=dict)
    latest: datetime | None = None


def watch_sources(*, now: datetime) -> list[Alert]:
    """Count the latest hours, raise and end alerts, and return those that are new."""
    count_hours(now=now)
    heard = sources_heard()
    silent = {
        source
        for source, one in heard.items()
        if one.latest and is_silent(one.counts, latest=one.latest, now=now)
    }
    open_alerts = Alert.objects.filter(ended_at__isnull=True)
    open_alerts.exclude(source__in=silent).update(ended_at=now)
    known = set(open_alerts.values_list("source", flat=True))
    return [_raise(source, heard[source], now=now) for source in sorted(silent - known)]


def sources_heard() -> dict[str, Heard]:
    """Return what came from each source in the last weeks."""
    hours = HourlyVolume.objects.values_list("source", "hour").annotate(
        Sum("events"), Max("latest")
    )
    found: dict[str, Heard] = defaultdict(Heard)
    for source, hour, events, latest in hours.order_by("hour"):
        found[source].counts[hour] = events
        found[source].latest = latest
    return dict(found)


def named(source: str) -> str:
    """Return how people call a source."""
    return f"The source “{source}”" if source else "The source of older events"


def _raise(source: str, heard: Heard, *, now: datetime) -> Alert:
    latest = heard.latest or now
    message = ALARM.format(
        source=named(source),
        since=latest,
        expected=expected_in_silence(heard.counts, latest=latest, now=now),
    )
    alert = Alert.objects.create(source=source, message=message, silent_since=latest, raised_at=now)
    logger.warning(message)
    if settings.ADMINS:
        _mail(message)
    return alert


def _mail(message: str) -> None:
    try:
        mail_admins("A source of events is silent", message)
    except OSError as error:  # the alert stands in the admin and in the log all the same
        logger.warning("The alert cannot be sent: %s", error)
