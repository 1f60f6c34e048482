"""Who is in a segment: countries, devices and categories, against everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from personalization.rules.parsing import Rule
from personalization.rules.querying import matching_profiles
from personalization.segments.limiting import TookTooLong, limited_time
from personalization.segments.models import saved_rule

SHOWN: Final = 8
SECONDS: Final = 10
DEVICE_DAYS: Final = 30
# A share of fewer people than this says little.
FEWEST: Final = 10

# Each yields (profile, value) pairs, a profile once for each value; %(since)s is for events.
VALUES: Final[Mapping[str, str]] = {
    "Country": "SELECT id, facts->'traits'->>'country' FROM profiles_profile",
    "Device, last 30 days": "SELECT DISTINCT profile_id, context->>'device' FROM events_event"
    " WHERE occurred_at >= %s AND context->>'device' IS NOT NULL",
    "Category viewed": "SELECT p.id, c.key FROM profiles_profile p,"
    " jsonb_object_keys(p.facts->'categories'->'item_view') AS c(key)",
    "Category bought": "SELECT p.id, c.key FROM profiles_profile p,"
    " jsonb_object_keys(p.facts->'categories'->'purchase') AS c(key)",
}
COUNTED: Final = """
WITH chosen AS MATERIALIZED ({matching}), stated(profile_id, value) AS ({values})
SELECT value, count(chosen.id), count(*) FROM stated
LEFT JOIN chosen ON chosen.id = stated.profile_id
WHERE value IS NOT NULL AND value <> '' GROUP BY value ORDER BY 2 DESC, 1 LIMIT {shown}
"""


@dataclass(frozen=True, slots=True)
class Share:
    """One value: how many of the segment have it, and of everybody."""

    value: str
    members: int
    everybody: int
    of_segment: float
    of_everybody: float

    @property
    def segment_percent(self) -> int:
        """The share of the segment, in whole percent."""
        return round(100 * self.of_segment)

    @property
    def everybody_percent(self) -> int:
        """The share of everybody, in whole percent."""
        return round(100 * self.of_everybody)

    @property
    def index(self) -> int | None:
        """100 is as usual, 200 twice as often; None where too few people tell."""
        if self.members < FEWEST or not self.of_everybody:
            return None
        return round(100 * self.of_segment / self.of_everybody)


@dataclass(frozen=True, slots=True)
class Composition:
    """`shares` by what is compared, the most frequent first; None where it took too long."""

    members: int
    everybody: int
    shares: Mapping[str, tuple[Share, ...] | None]


def compose(*, rule: Rule, now: datetime) -> Composition:
    """Compare the profiles that a rule matches with all profiles; one scan for each part."""
    matching = matching_profiles(rule, now=now, resolve=saved_rule, assume_visit=True)
    members, everybody = matching.count(), matching.model.objects.count()
    text, params = matching.order_by().values("id").query.sql_with_params()
    shares = {
        name: _shares(values, text, params, (members, everybody), now)
        for name, values in VALUES.items()
    }
    return Composition(members, everybody, shares)


def _shares(
    values: str, matching: str, params: Any, sizes: tuple[int, int], now: datetime
) -> tuple[Share, ...] | None:
    sql = COUNTED.format(matching=matching, values=values, shown=SHOWN)
    since = [now - timedelta(days=DEVICE_DAYS)] if "%s" in values else []
    try:
        with limited_time(seconds=SECONDS), connection.cursor() as cursor:
            cursor.execute(sql, [*params, *since])
            rows = cursor.fetchall()
    except TookTooLong:
        return None
    members, everybody = (max(size, 1) for size in sizes)
    return tuple(
        Share(value, mine, all_of_them, mine / members, all_of_them / everybody)
        for value, mine, all_of_them in rows
        if mine
    )
