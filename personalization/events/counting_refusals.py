"""How many events were refused, by day, source, type and field; of nobody in particular."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import redis

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.events.standards import standards_in_force
from personalization.events.validating import FIELDS

logger = logging.getLogger(__name__)

REFUSALS: Final = Keyspace("refusals", personal=False, purpose="How many events were refused a day")
KEPT: Final = timedelta(days=35)
# Types and fields that nobody has described are written by senders; they must not fill Redis.
OTHER: Final = "other"
NAMED: Final = FIELDS | {"consent"}


class RefusalCount(NamedTuple):
    """How many events of a day were refused for a field."""

    day: date
    source: str
    type: str
    field: str
    events: int


def count_refusals(reasons: Sequence[tuple[str, str]], *, source: str, now: datetime) -> None:
    """Add these (type, field) pairs to today's counts; without Redis they go uncounted."""
    known = standards_in_force().checks
    counts = Counter(
        "|".join([source, kind if kind in known else OTHER, _root(field)])
        for kind, field in reasons
    )
    key = REFUSALS.key(now.astimezone(UTC).date().isoformat())
    pipeline = redis_connection().pipeline(transaction=False)
    for name, number in counts.items():
        pipeline.hincrby(key, name, number)
    pipeline.expire(key, KEPT)
    try:
        pipeline.execute()
    except redis.RedisError as error:
        logger.warning("%d refusals go uncounted: %s", len(reasons), error)


def refusal_counts(*, days: int, now: datetime) -> Iterator[RefusalCount]:
    """Yield the counts of the last `days` days, today included."""
    today = now.astimezone(UTC).date()
    for ago in range(days):
        day = today - timedelta(days=ago)
        held = patient_redis_connection().hgetall(REFUSALS.key(day.isoformat()))
        for name, number in held.items():
            source, kind, field = name.decode().split("|")
            yield RefusalCount(day, source, kind, field, int(number))


def _root(field: str) -> str:
    root = field.replace("[", ".").partition(".")[0]
    return root if root in NAMED else OTHER
