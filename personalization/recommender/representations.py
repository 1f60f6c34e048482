"""Profiles' vectors: kept in PostgreSQL, served from Redis.

A vector is personal data. Whoever writes one holds the same lock as whoever erases one, and writes
only for profiles that still have events they may learn from: a training that began before an
erasure cannot bring the person back.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from consent.keyspaces import Keyspace, patient_redis_connection
from personalization.learning.models import ModelVersion
from personalization.recommender.models import Representation

Vectors = NDArray[np.float32]
T = TypeVar("T")

VECTORS: Final = Keyspace("vector", personal=True, purpose="What a model knows of a profile.")
MODEL: Final = Keyspace("model", personal=False, purpose="Which model version is live.")
LIVE_KEY: Final = MODEL.key("live")
KEYS_AT_ONCE: Final = 5_000
# Processes take a moment to notice a new version; until then they read the old one's vectors.
RETIRED_SECONDS: Final = 300

INCOMING: Final = """
    CREATE TEMPORARY TABLE IF NOT EXISTS incoming_vectors (profile_id bigint, vector bytea)
    ON COMMIT DELETE ROWS;
    TRUNCATE incoming_vectors
"""
KEEP: Final = """
    INSERT INTO recommender_representation (profile_id, version_id, vector)
    SELECT profile_id, %s, vector FROM incoming_vectors
    JOIN profiles_profile ON profiles_profile.id = profile_id
    WHERE EXISTS (
        SELECT FROM events_event
        WHERE events_event.profile_id = incoming_vectors.profile_id
        AND purposes @> ARRAY['training']::varchar[]
    )
    FOR KEY SHARE OF profiles_profile
"""


def vector_key(version: int, profile_id: int) -> str:
    """Return the Redis key of a profile's vector in a version."""
    return VECTORS.key(f"{version}:{profile_id}")


def keep_representations(
    *, version: ModelVersion, profile_ids: NDArray[np.int64], vectors: Vectors
) -> int:
    """Store the vectors in PostgreSQL, and return how many profiles were still there."""
    with transaction.atomic(), connection.cursor() as cursor:
        hold_representations()
        cursor.execute(INCOMING)
        with cursor.copy("COPY incoming_vectors (profile_id, vector) FROM STDIN") as copy:
            for profile_id, vector in zip(profile_ids.tolist(), vectors, strict=True):
                copy.write_row((profile_id, vector.tobytes()))
        cursor.execute(KEEP, [version.pk])
        return int(cursor.rowcount)


def read_representations(version: ModelVersion) -> dict[int, Vectors]:
    """Return the stored vectors of a version by profile id."""
    rows = version.representations.values_list("profile_id", "vector")
    return {
        profile_id: np.frombuffer(vector, np.float32)
        for profile_id, vector in rows.iterator(chunk_size=KEYS_AT_ONCE)
    }


def publish_vectors(version: ModelVersion) -> int:
    """Write a version's vectors to Redis, drop those of profiles that are gone, and count them."""
    redis = patient_redis_connection()
    published: set[bytes] = set()
    with transaction.atomic():
        hold_representations()
        rows = version.representations.values_list("profile_id", "vector")
        for part in _in_parts(rows.iterator(chunk_size=KEYS_AT_ONCE)):
            values = {vector_key(version.number, pid): bytes(vector) for pid, vector in part}
            redis.mset(values)
            published.update(key.encode() for key in values)
        orphans = [key for key in _keys_of(version.number) if key not in published]
        for some in _in_parts(orphans):
            redis.delete(*some)
    return len(published)


def announce(version: ModelVersion) -> None:
    """Tell every process which version is live, and let the vectors of others run out."""
    redis = patient_redis_connection()
    redis.set(LIVE_KEY, version.number)
    others = ModelVersion.objects.of(version.kind).exclude(pk=version.pk)
    for number in others.values_list("number", flat=True):
        for keys in _in_parts(_keys_of(number)):
            _expire(keys)


def erase_representations(profile_ids: frozenset[int], *, numbers: list[int]) -> None:
    """Delete these profiles' vectors of all versions, in PostgreSQL and in Redis."""
    with transaction.atomic():
        hold_representations()
        Representation.objects.filter(profile_id__in=profile_ids).delete()
        keys = [vector_key(number, pid) for number in numbers for pid in profile_ids]
        if keys:
            patient_redis_connection().delete(*keys)


def hold_representations() -> None:
    """Wait until no one else writes or erases vectors; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('recommender:vectors', 0))")


def _keys_of(number: int) -> Iterator[bytes]:
    pattern = VECTORS.key(f"{number}:*")
    keys: Iterator[Any] = patient_redis_connection().scan_iter(match=pattern, count=KEYS_AT_ONCE)
    return keys


def _in_parts(things: Iterable[T]) -> Iterator[tuple[T, ...]]:
    source = iter(things)
    while part := tuple(islice(source, KEYS_AT_ONCE)):
        yield part


def _expire(keys: tuple[bytes, ...]) -> None:
    with patient_redis_connection().pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.expire(key, RETIRED_SECONDS)
        pipeline.execute()
