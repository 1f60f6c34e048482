"""Who is in a segment: countries, devices and categories, against everybody."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from personalization.census.gathering import gathered
from personalization.profiles.models import Profile
from personalization.rules.parsing import Rule
from personalization.rules.references import inlined
from personalization.segments.disclosing import Disclosure
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
WITH stated(profile_id, value) AS ({values})
SELECT value, count(chosen.id), count(*) FROM stated
LEFT JOIN {chosen} AS chosen ON chosen.id = stated.profile_id
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

    def known(self, shown: Disclosure) -> "Composition":
        """Return what someone may know of it; what only a few members have is left out."""
        shares = {
            name: found and tuple(sorted(self._known(found, shown), key=_place))
            for name, found in self.shares.items()
        }
        return replace(self, shares=shares)

    def _known(self, found: Iterable[Share], shown: Disclosure) -> Iterator[Share]:
        for one in found:
            if shown.hides(one.members):
                continue
            members = shown.part(one.members)
            having = members + shown.part(one.everybody - one.members)
            of_segment = members / (members + shown.part(self.members - one.members))
            of_everybody = having / (having + shown.part(self.everybody - one.everybody))
            yield Share(one.value, members, having, of_segment, of_everybody)


def _place(share: Share) -> tuple[int, str]:
    return -share.members, share.value


def compose(*, rule: Rule, now: datetime) -> Composition:
    """Compare the profiles that a rule matches with all profiles; one scan for each part."""
    everybody = Profile.objects.count()
    with gathered(rule=inlined(rule, resolve=saved_rule), now=now) as chosen:
        members = _size(chosen)
        shares = {
            name: _shares(values, chosen, (members, everybody), now)
            for name, values in VALUES.items()
        }
    return Composition(members, everybody, shares)


def _size(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name of ours
        [size] = cursor.fetchone()
    return int(size)


def _shares(
    values: str, chosen: str, sizes: tuple[int, int], now: datetime
) -> tuple[Share, ...] | None:
    sql = COUNTED.format(chosen=chosen, values=values, shown=SHOWN)
    since = [now - timedelta(days=DEVICE_DAYS)] if "%s" in values else []
    try:
        with limited_time(seconds=SECONDS), connection.cursor() as cursor:
            cursor.execute(sql, since)
            rows = cursor.fetchall()
    except TookTooLong:
        return None
    members, everybody = (max(size, 1) for size in sizes)
    return tuple(
        Share(value, mine, all_of_them, mine / members, all_of_them / everybody)
        for value, mine, all_of_them in rows
        if mine
    )
