"""Activities that are due to a visitor at the next decision: in Redis, where decisions look."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection

DUE: Final = Keyspace("due", personal=True, purpose="Activities to show at the next decision, once")


def make_due(profile_id: int, *, activity: str, until: datetime) -> None:
    """Let the activity be shown to this profile once, if it comes by until then."""
    key = DUE.key(profile_id)
    pipeline = patient_redis_connection().pipeline(transaction=True)
    pipeline.hset(key, activity, until.timestamp())
    # As long as the latest of them: where there are several, each is asked for its own end.
    pipeline.expireat(key, int(until.timestamp()) + 1, nx=True)
    pipeline.expireat(key, int(until.timestamp()) + 1, gt=True)
    pipeline.execute()


def read_due(raw: Iterable[bytes], *, now: datetime) -> frozenset[str]:
    """Return the activities that are due, of a hash as Redis returns it: name, end, name, end."""
    flat = list(raw)
    ends: Mapping[bytes, bytes] = dict(zip(flat[::2], flat[1::2], strict=True))
    moment = now.timestamp()
    return frozenset(name.decode() for name, end in ends.items() if float(end) > moment)


def is_shown(profile_id: int, activities: Iterable[str]) -> None:
    """Remember that these were shown and are due no longer. Raises redis.RedisError."""
    redis_connection().hdel(DUE.key(profile_id), *activities)
