"""Tell every process what is live, through Redis."""

import logging
from typing import Final

import orjson
import redis
from django.db import connection, transaction

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.segments.documents import Document, document_of, latest_publication
from personalization.segments.models import Publication

logger = logging.getLogger(__name__)

RULESETS: Final = Keyspace("ruleset", personal=False, purpose="What is live, for every process")
# A process that learned of the version before still finds its document this long.
SUPERSEDED_SECONDS: Final = 3_600


def current_document() -> tuple[int, Document]:
    """Return version and document of what is live, from PostgreSQL where Redis cannot tell."""
    try:
        told = _told()
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


def _told() -> tuple[int, Document] | None:
    version = redis_connection().get(RULESETS.key("version"))
    if version is None:
        return None
    raw = redis_connection().get(RULESETS.key(f"document:{int(version)}"))
    return (int(version), orjson.loads(raw)) if raw is not None else None


def _announce(publication: Publication) -> None:
    client = patient_redis_connection()
    before = client.get(RULESETS.key("version"))
    pipeline = client.pipeline(transaction=True)
    document = orjson.dumps(document_of(publication))
    pipeline.set(RULESETS.key(f"document:{publication.version}"), document)
    pipeline.set(RULESETS.key("version"), publication.version)
    if before is not None and int(before) != publication.version:
        pipeline.expire(RULESETS.key(f"document:{int(before)}"), SUPERSEDED_SECONDS)
    pipeline.execute()
