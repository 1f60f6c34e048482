"""Tell every process what is live, through Redis.

A document lies there in pieces, by the digest of what an entry is called. A process that reads
the next version parses the pieces that changed, one after the other, so that the requests it
answers beside never wait for the whole.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Final
from zlib import crc32

import orjson
import redis
from django.db import connection, transaction

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.segments.documents import (
    SECTIONS,
    Document,
    document_of,
    latest_publication,
)
from personalization.segments.models import Publication

logger = logging.getLogger(__name__)

RULESETS: Final = Keyspace("ruleset", personal=False, purpose="What is live, for every process")
# A process that learned of the version before still finds its document this long.
SUPERSEDED_SECONDS: Final = 3_600
# With 2,000 segments, a piece takes a tenth of a millisecond to parse.
PIECES: Final = 64

Pause = Callable[[], None]
# The number of a piece to how it was told, and what it says.
Pieces = dict[int, tuple[bytes, Document]]


def without_pause() -> None:
    """Go on at once: nobody waits."""


def current_document(
    *, held: Pieces | None = None, pause: Pause = without_pause
) -> tuple[int, Document]:
    """Return version and document of what is live, from PostgreSQL where Redis cannot tell.

    `held` is what was read before; what is told in the same way is not parsed again, and it is
    brought up to date. `pause` is called after each piece.
    """
    try:
        told = _told({} if held is None else held, pause)
    except redis.RedisError as error:
        logger.warning("Redis cannot say what is live; asking PostgreSQL: %s", error)
        told = None
    if told is not None:
        return told
    latest = latest_publication()
    return (latest.version if latest else 0), document_of(latest)


def announce_latest() -> int:
    """Tell Redis what PostgreSQL says is live, and return that version.

    Runs after every publication, and regularly, for a Redis that was away or lost its memory.
    """
    # Under the lock, so that of two announcements the later one stays.
    with transaction.atomic():
        lock_publications()
        latest = latest_publication()
        if latest is not None:
            _announce(latest)
        return latest.version if latest else 0


def lock_publications() -> None:
    """Let nobody else publish or announce until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segments_publication'))")


def _told(held: Pieces, pause: Pause) -> tuple[int, Document] | None:
    version = redis_connection().get(RULESETS.key("version"))
    if version is None:
        return None
    document: Document = {section: {} for section in SECTIONS}
    for number, raw in _raw_pieces(int(version)):
        if raw is None:
            return None
        if number not in held or held[number][0] != raw:
            held[number] = (raw, orjson.loads(raw))
        for section, entries in held[number][1].items():
            document[section].update(entries)
        pause()
    return int(version), document


def _raw_pieces(version: int) -> Iterator[tuple[int, bytes | None]]:
    key, client = RULESETS.key(f"pieces:{version}"), redis_connection()
    for number in range(PIECES):
        yield number, client.hget(key, str(number))


def _in_pieces(document: Document) -> dict[str, bytes]:
    pieces: list[Document] = [{} for _ in range(PIECES)]
    for section, entries in document.items():
        for name, definition in entries.items():
            piece = pieces[crc32(f"{section}/{name}".encode()) % PIECES]
            piece.setdefault(section, {})[name] = definition
    return {str(number): orjson.dumps(piece) for number, piece in enumerate(pieces)}


def _announce(publication: Publication) -> None:
    client = patient_redis_connection()
    before = client.get(RULESETS.key("version"))
    pipeline = client.pipeline(transaction=True)
    pieces = _in_pieces(document_of(publication))
    pipeline.hset(RULESETS.key(f"pieces:{publication.version}"), mapping=pieces)
    pipeline.set(RULESETS.key("version"), publication.version)
    if before is not None and int(before) != publication.version:
        pipeline.expire(RULESETS.key(f"pieces:{int(before)}"), SUPERSEDED_SECONDS)
    pipeline.execute()
