"""Whether a source that usually sends has fallen silent; knows no Django.

What is expected of an hour is what the same hour of the week brought in the four weeks before: the
lower median, so that an import or a campaign raises no expectation by itself. With less than three
weeks of history the same hour of all days stands in for it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median_low
from typing import Final

HOUR: Final = timedelta(hours=1)
WEEKS: Final = 4
FULL_HISTORY: Final = timedelta(weeks=3)
SHORTEST_HISTORY: Final = timedelta(days=3)
# By chance nothing comes where seven were expected once in a thousand times (Poisson, e^-7).
EXPECTED_BEFORE_ALARM: Final = 7.0
LONGEST_LOOK: Final = 24 * 7


def expected_in_silence(
    counts: Mapping[datetime, int], *, latest: datetime, now: datetime
) -> float:
    """Return how many events were to be expected in the whole hours since the latest one.

    counts: events by hour, hours without any left out.
    """
    first = min(counts, default=now)
    if now - first < SHORTEST_HISTORY:
        return 0.0
    hour = _hour_of(latest) + HOUR
    expected = 0.0
    for _ in range(LONGEST_LOOK):
        if hour + HOUR > now:
            break
        expected += _usual(counts, hour, first=first, until=_hour_of(latest))
        hour += HOUR
    return expected


def is_silent(counts: Mapping[datetime, int], *, latest: datetime, now: datetime) -> bool:
    """Return whether the silence since the latest event is no accident."""
    return expected_in_silence(counts, latest=latest, now=now) >= EXPECTED_BEFORE_ALARM


def _usual(
    counts: Mapping[datetime, int], hour: datetime, *, first: datetime, until: datetime
) -> int:
    is_known_well = until - first >= FULL_HISTORY
    step = timedelta(weeks=1) if is_known_well else timedelta(days=1)
    earliest = max(first, until - timedelta(weeks=WEEKS))
    moments = []
    moment = hour - step
    while moment >= earliest:
        if moment <= until:
            moments.append(counts.get(moment, 0))
        moment -= step
    return median_low(moments) if moments else 0


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
