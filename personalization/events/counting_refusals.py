"""How many events were refused, by day, source, type and field; of nobody in particular."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import redis

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.events.context import BOT
from personalization.events.schema_checking import Check
from personalization.events.standards import standards_in_force
from personalization.events.validating import FIELDS, PROPERTIES

logger = logging.getLogger(__name__)

REFUSALS: Final = Keyspace("refusals", personal=False, purpose="How many events were refused a day")
KEPT: Final = timedelta(days=35)
# Types and fields that nobody has described are written by senders; they must not fill Redis.
OTHER: Final = "other"
NAMED: Final = FIELDS | {"consent", BOT}
RULED: Final = frozenset(f"properties.{name}" for name in PROPERTIES)
# `properties.items[0].price` is counted for `properties.items`.
PATH: Final = re.compile(r"[^.\[]+\.[^.\[]+")


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
        "|".join([source, kind if kind in known else OTHER, _named(kind, field, known)])
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
            source, kind, field = name.decode().split("|", 2)
            yield RefusalCount(day, source, kind, field, int(number))


def _named(kind: str, field: str, known: Mapping[str, Check]) -> str:
    """Return the field where a rule or the type's schema names it, else the part it is in."""
    path = PATH.match(field)
    if path and (path[0] in RULED or (kind in known and path[0] in known[kind].fields)):
        return path[0]
    root = field.replace("[", ".").partition(".")[0]
    return root if root in NAMED else OTHER
