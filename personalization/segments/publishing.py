"""Make definitions live in every process at once, and undo it.

Everything visitors can meet is one document, {"segments", "activities", "placements"}: {key:
definition}. Each publication is the whole document under the next version. PostgreSQL keeps all
versions; Redis tells every process which one is live.
"""

import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
import redis
from django.db import connection, transaction

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.segments.golden import broken_expectations
from personalization.segments.models import Publication, Segment
from personalization.segments.references import among, inlined
from personalization.segments.rules import RuleError, parse_rule

logger = logging.getLogger(__name__)

RULESETS: Final = Keyspace("ruleset", personal=False, purpose="What is live, for every process")
SECTIONS: Final = ("segments", "activities", "placements")
# A process that learned of the version before still finds its document this long.
SUPERSEDED_SECONDS: Final = 3_600

Document = dict[str, dict[str, Any]]
# (section, key) to the new definition; None takes it offline.
Changes = Mapping[tuple[str, str], dict[str, Any] | None]


class NotPublishable(Exception):
    """Nothing was published; `messages` say why, each for a person to act on."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


def publish_segment(*, segment: Segment, by: str, now: datetime) -> Publication:
    """Make the segment live as it was last saved; raises NotPublishable."""
    return publish(
        section="segments",
        key=segment.key,
        definition=segment.definition(),
        by=by,
        note=f"Segment “{segment.name}”",
        now=now,
    )


def unpublish_segment(*, segment: Segment, by: str, now: datetime) -> Publication:
    """Take the segment offline; raises NotPublishable while a live activity uses it."""
    return publish(
        section="segments",
        key=segment.key,
        definition=None,
        by=by,
        note=f"Segment “{segment.name}” taken offline",
        now=now,
    )


def publish(
    *,
    section: str,
    key: str,
    definition: dict[str, Any] | None,
    by: str,
    note: str,
    now: datetime,
) -> Publication:
    """Make one definition live, or take it offline (None); raises NotPublishable."""
    return publish_changes(changes={(section, key): definition}, by=by, note=note, now=now)


def publish_changes(*, changes: Changes, by: str, note: str, now: datetime) -> Publication:
    """Make several definitions live in one version; raises NotPublishable."""
    with transaction.atomic():
        _lock()
        document = document_of(latest_publication())
        for (section, key), definition in changes.items():
            _put(document[section], key, definition)
        return _store(document, by=by, note=note, now=now)


def revert(*, to_version: int, by: str, now: datetime) -> Publication:
    """Make the document of an earlier version live again, as a new version.

    Raises Publication.DoesNotExist, or NotPublishable when it no longer passes the checks.
    """
    with transaction.atomic():
        _lock()
        earlier = Publication.objects.get(version=to_version)
        note = f"Back to version {to_version}"
        return _store(document_of(earlier), by=by, note=note, now=now)


def latest_publication() -> Publication | None:
    """Return the publication that is live, read from PostgreSQL."""
    return Publication.objects.order_by("-version").first()


def document_of(publication: Publication | None) -> Document:
    """Return everything of a publication, every section there; empty without one."""
    stored = publication.document if publication else {}
    return {section: dict(stored.get(section, {})) for section in SECTIONS}


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
        _lock()
        latest = latest_publication()
        if latest is not None:
            _announce(latest)
        return latest.version if latest else 0


def check_document(document: Document, *, changes: Collection[str]) -> None:
    """Refuse a document with segments that cannot be read or are missing to an activity.

    `changes`, as "segments/high-value", are what golden visitors are held against.
    """
    messages = [
        *_unreadable_segments(document),
        *_missing_segments(document),
    ] or broken_expectations(segments=document["segments"], changed=_changed_segments(changes))
    if messages:
        raise NotPublishable(*messages)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segments_publication'))")


def _put(entries: dict[str, Any], key: str, definition: dict[str, Any] | None) -> None:
    if definition is None:
        entries.pop(key, None)
    else:
        entries[key] = definition


def _store(document: Document, *, by: str, note: str, now: datetime) -> Publication:
    latest = latest_publication()
    changes = _changes(document_of(latest), document)
    check_document(document, changes=changes)
    stored = Publication.objects.create(
        version=latest.version + 1 if latest else 1,
        document=document,
        checksum=_checksum(document),
        changes=changes,
        note=note[:200],
        published_at=now,
        published_by=by[:150],
    )
    # Robust: it is published once it is committed; the regular announcement makes up for Redis.
    transaction.on_commit(announce_latest, robust=True)
    return stored


def _checksum(document: Document) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _changes(before: Document, after: Document) -> list[str]:
    return [
        f"{section}/{key}"
        for section in SECTIONS
        for key in sorted({*before[section], *after[section]})
        if before[section].get(key) != after[section].get(key)
    ]


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


def _changed_segments(changes: Collection[str]) -> set[str]:
    paths = (one.partition("/") for one in changes)
    return {key for section, _, key in paths if section == "segments"}


def _unreadable_segments(document: Document) -> list[str]:
    messages = []
    resolve = among(document["segments"])
    for key, definition in document["segments"].items():
        try:
            inlined(parse_rule(definition["rule"]), resolve=resolve, key=key)
        except RuleError as error:
            messages.append(f"The segment “{definition['name']}” cannot be read: {error}")
    return messages


def _missing_segments(document: Document) -> list[str]:
    return [
        f"The live activity “{activity['name']}” is for a segment that is not live."
        f" Take the activity offline first."
        for activity in document["activities"].values()
        if activity.get("segment") and activity["segment"] not in document["segments"]
    ]
