"""Keep Redis, where choices are read, in step with PostgreSQL, where they are proven."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

import redis

from consent.checking import CHOICES, SUPPRESSED
from consent.keyspaces import RedisClient, patient_redis_connection, redis_connection
from consent.models.proof import GRANTED, ConsentRecord, Suppression, Unmirrored

logger = logging.getLogger(__name__)

AT_ONCE: Final = 500
# Two choices of one person may reach Redis in the wrong order, so a value tells the id of the
# record that it reflects, and an older one never replaces a newer one.
SCRIPT: Final = """
for i = 1, #KEYS do
    local held = redis.call('GET', KEYS[i])
    local held_id = held and tonumber(string.match(held, '^%d+')) or 0
    if tonumber(ARGV[2 * i - 1]) >= held_id then
        if ARGV[2 * i] == '' then redis.call('DEL', KEYS[i])
        else redis.call('SET', KEYS[i], ARGV[2 * i - 1] .. ARGV[2 * i]) end
    end
end
"""


@dataclass(slots=True)
class Current:
    """What one identifier's records say now: the highest id, and words such as `+analytics`."""

    latest_id: int = 0
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words as they stand in Redis after the id; empty where nothing was chosen."""
        return "".join(f" {word}" for word in sorted(self.words))


def mirror(pseudonyms: Collection[str], *, patient: bool = False) -> None:
    """Write these identifiers' current choices to Redis. Raises redis.RedisError."""
    connection = patient_redis_connection() if patient else redis_connection()
    for some in _in_batches(pseudonyms):
        # Read before the choices are: what is recorded from here on has a row of its own.
        waiting = list(Unmirrored.objects.filter(pseudonym__in=some).values_list("pk", flat=True))
        _write(_current(some), connection)
        Unmirrored.objects.filter(pk__in=waiting).delete()


def mirror_or_leave_for_later(pseudonyms: Collection[str]) -> None:
    """Write to Redis, or leave it to `mirror_what_waits` while Redis cannot be reached."""
    try:
        mirror(pseudonyms)
    except redis.RedisError as error:
        logger.warning("Choices are recorded; Redis will be told later: %s", error)


def mirror_what_waits() -> int:
    """Catch up on choices that Redis has not been told; return of how many identifiers."""
    waiting = set(Unmirrored.objects.values_list("pseudonym", flat=True))
    mirror(waiting, patient=True)
    return len(waiting)


def mirror_suppressions(pseudonyms: Collection[str]) -> None:
    """Tell Redis when these identifiers were erased. Raises redis.RedisError."""
    for some in _in_batches(pseudonyms):
        erased = Suppression.objects.filter(pseudonym__in=some)
        moments = {SUPPRESSED.key(one.pseudonym): one.erased_at.timestamp() for one in erased}
        if moments:
            patient_redis_connection().mset(moments)


def mirror_everything() -> tuple[int, int]:
    """Rebuild Redis from what is proven; return of how many choices, and erasures, it knows now.

    What no record proves does not stay granted. Raises redis.RedisError.
    """
    connection = patient_redis_connection()
    for key in connection.scan_iter(CHOICES.key("*"), count=1000):
        connection.delete(key)
    erased = set(Suppression.objects.values_list("pseudonym", flat=True))
    mirror_suppressions(erased)
    recorded = ConsentRecord.objects.order_by().values_list("pseudonym", flat=True)
    chosen = set(recorded.distinct())
    mirror(chosen, patient=True)
    return len(chosen), len(erased)


def _in_batches(pseudonyms: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(pseudonyms)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


def _current(pseudonyms: Collection[str]) -> dict[str, Current]:
    current = {pseudonym: Current() for pseudonym in pseudonyms}
    erased = dict(
        Suppression.objects.filter(pseudonym__in=pseudonyms).values_list("pseudonym", "erased_at")
    )
    for record in ConsentRecord.objects.filter(pseudonym__in=pseudonyms).current():
        one = current[record.pseudonym]
        one.latest_id = max(one.latest_id, record.pk)
        erased_at = erased.get(record.pseudonym)
        # What an erased person chose before is proof, but no longer consent.
        if erased_at is None or record.recorded_at > erased_at:
            one.words.append(("+" if record.state == GRANTED else "-") + record.purpose)
    return current


def _write(current: dict[str, Current], connection: RedisClient) -> None:
    arguments = [part for one in current.values() for part in (one.latest_id, one.text)]
    keys = [CHOICES.key(pseudonym) for pseudonym in current]
    connection.eval(SCRIPT, len(keys), *keys, *arguments)
