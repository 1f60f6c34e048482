"""Activities that are due to a visitor at the next decision: in Redis, where decisions look.

PostgreSQL knows from the firings of triggers what is due. That something was shown is told to Redis
alone by a decision, which writes no SQL, and written down in PostgreSQL within ten seconds.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.activation.models import Firing

DUE: Final = Keyspace("due", personal=True, purpose="Activities to show at the next decision, once")
SHOWN: Final = Keyspace("shown", personal=True, purpose="What was due and is shown, to write down")
# A hash of "profile:activity" to when it was shown.
UNWRITTEN: Final = SHOWN.key("unwritten")


def make_due(profile_id: int, *, activity: str, until: datetime) -> None:
    """Let the activity be shown to this profile once, if it comes by until then."""
    key = DUE.key(profile_id)
    pipeline = patient_redis_connection().pipeline(transaction=True)
    pipeline.hset(key, activity, until.timestamp())
    # The whole goes when the latest is over; until then each is asked for its own end.
    for only_if in ({"nx": True}, {"gt": True}):
        pipeline.expireat(key, int(until.timestamp()) + 1, **only_if)
    pipeline.execute()


def make_due_again(*, now: datetime) -> None:
    """Let a Redis that lost its memory know what is due."""
    waiting = Firing.objects.filter(ends_at__gt=now, shown_at__isnull=True)
    due: Any = waiting.order_by("ends_at").values_list(
        "profile_id", "trigger__activity__key", "ends_at", named=True
    )
    for one in due.iterator():
        make_due(one.profile_id, activity=one.trigger__activity__key, until=one.ends_at)


def read_due(raw: Iterable[bytes]) -> dict[str, float]:
    """Return the activities and until when each is due, of a hash as Redis returns it."""
    flat = list(raw)
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return {name.decode(): float(until) for name, until in pairs}


def is_shown(profile_id: int, activities: Collection[str], *, now: datetime) -> None:
    """Remember that these were shown and are due no longer. Raises redis.RedisError."""
    pipeline = redis_connection().pipeline(transaction=True)
    pipeline.hdel(DUE.key(profile_id), *activities)
    shown = {f"{profile_id}:{activity}": now.timestamp() for activity in activities}
    pipeline.hset(UNWRITTEN, mapping=shown)
    pipeline.execute()


def write_down_shown() -> int:
    """Write down in PostgreSQL what was shown; return how much. Raises redis.RedisError."""
    shown = patient_redis_connection().hgetall(UNWRITTEN)
    for field, moment in shown.items():
        profile_id, _, activity = field.decode().partition(":")
        at = datetime.fromtimestamp(float(moment), UTC)
        fired = Firing.objects.filter(profile_id=int(profile_id), trigger__activity__key=activity)
        fired.filter(shown_at__isnull=True, fired_at__lte=at).update(shown_at=at)
    if shown:
        patient_redis_connection().hdel(UNWRITTEN, *shown)
    return len(shown)


def count_unwritten(profile_ids: Collection[int]) -> int:
    """Return how much is not written down yet of what was shown to these profiles."""
    fields = patient_redis_connection().hkeys(UNWRITTEN)
    return sum(int(field.partition(b":")[0]) in profile_ids for field in fields)
