"""Activities that are due to a visitor at the next decision: in Redis, where decisions look."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection

DUE: Final = Keyspace("due", personal=True, purpose="Activities to show at the next decision, once")


def make_due(profile_id: int, *, activity: str, until: datetime) -> None:
    """Let the activity be shown to this profile once, if it comes by until then."""
    key = DUE.key(profile_id)
    pipeline = patient_redis_connection().pipeline(transaction=True)
    pipeline.hset(key, activity, until.timestamp())
    # The whole goes when the latest is over; until then each is asked for its own end.
    for only_if in ({"nx": True}, {"gt": True}):
        pipeline.expireat(key, int(until.timestamp()) + 1, **only_if)
    pipeline.execute()


def read_due(raw: Iterable[bytes]) -> dict[str, float]:
    """Return the activities and until when each is due, of a hash as Redis returns it."""
    flat = list(raw)
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return {name.decode(): float(until) for name, until in pairs}


def is_shown(profile_id: int, activities: Iterable[str]) -> None:
    """Remember that these were shown and are due no longer. Raises redis.RedisError."""
    redis_connection().hdel(DUE.key(profile_id), *activities)
