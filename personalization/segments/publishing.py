"""Make definitions live in every process at once, and undo it.

Everything visitors can meet is one document, {"segments", "activities", "placements"}: {key:
definition}. Each publication is the whole document under the next version. PostgreSQL keeps all
versions; Redis tells every process which one is live.

Every publication, whoever asks for it, passes `_store`. Where a second person must approve, it lets
nothing through but what a proposal says that one did.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from personalization.segments.announcing import (
    RULESETS,
    Pause,
    Pieces,
    announce_latest,
    current_document,
    lock_publications,
    without_pause,
)
from personalization.segments.documents import (
    SECTIONS,
    Changes,
    Document,
    changed_paths,
    document_of,
    entry_at,
    latest_publication,
    place_of,
    with_changes,
)
from personalization.segments.models import (
    HistoryEntry,
    LiveEntry,
    Proposal,
    Publication,
    PublishingPolicy,
    Segment,
)
from personalization.segments.refusing import (
    NeedsApproval,
    NobodyIsIn,
    NotPublishable,
    check_document,
)

__all__ = (
    "RULESETS",
    "SECTIONS",
    "Changes",
    "Document",
    "NeedsApproval",
    "NobodyIsIn",
    "NotPublishable",
    "Pause",
    "Pieces",
    "announce_latest",
    "check_document",
    "current_document",
    "document_of",
    "latest_publication",
    "publish",
    "publish_changes",
    "publish_segment",
    "revert",
    "unpublish_segment",
    "without_pause",
)


def publish_segment(
    *, segment: Segment, by: str, now: datetime, insists: bool = False
) -> Publication:
    """Make the segment live as it was last saved; raises NotPublishable.

    `insists`: also where nobody can be in it, instead of raising NobodyIsIn.
    """
    return publish(
        section="segments",
        key=segment.key,
        definition=segment.definition(),
        by=by,
        note=f"Segment “{segment.name}”",
        now=now,
        insists=insists,
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
    insists: bool = False,
) -> Publication:
    """Make one definition live, or take it offline (None); raises NotPublishable."""
    changes = {(section, key): definition}
    return publish_changes(changes=changes, by=by, note=note, now=now, insists=insists)


def publish_changes(
    *,
    changes: Changes,
    by: str,
    note: str,
    now: datetime,
    proposal: Proposal | None = None,
    insists: bool = False,
) -> Publication:
    """Make several definitions live in one version.

    Raises NotPublishable, and its NeedsApproval where a second person must approve and `proposal`
    does not say that one did.
    """
    with transaction.atomic():
        lock_publications()
        latest = latest_publication()
        document = with_changes(document_of(latest), changes)
        return _store(
            document,
            after=latest,
            by=by,
            note=note,
            now=now,
            proposal=proposal,
            insists=insists,
        )


def revert(*, to_version: int, by: str, now: datetime) -> Publication:
    """Make the document of an earlier version live again, as a new version.

    Raises Publication.DoesNotExist, or NotPublishable when it no longer passes the checks, or
    nothing would change.
    """
    with transaction.atomic():
        lock_publications()
        earlier = Publication.objects.get(version=to_version)
        note = f"Back to version {to_version}"
        latest = latest_publication()
        if not changed_paths(document_of(latest), document_of(earlier)):
            raise NotPublishable(f"Everything is live as in version {to_version} already.")
        # What nobody can be in was meant when it was published.
        return _store(document_of(earlier), after=latest, by=by, note=note, now=now, insists=True)


def _store(
    document: Document,
    *,
    after: Publication | None,
    by: str,
    note: str,
    now: datetime,
    insists: bool,
    proposal: Proposal | None = None,
) -> Publication:
    changes = changed_paths(document_of(after), document)
    check_document(document, changes=changes, insists=insists)
    _require_approval({path: entry_at(document, path) for path in changes}, proposal, note, insists)
    stored = Publication.objects.create(
        version=after.version + 1 if after else 1,
        document=document,
        checksum=_checksum(document),
        changes=changes,
        note=note[:200],
        published_at=now,
        published_by=by[:150],
    )
    _keep_live(stored, {path: entry_at(document, path) for path in changes})
    # Robust: it is published once it is committed; the regular announcement makes up for Redis.
    transaction.on_commit(announce_latest, robust=True)
    return stored


def _require_approval(
    changes: dict[str, dict[str, Any] | None],
    proposal: Proposal | None,
    note: str,
    insists: bool,
) -> None:
    if not changes or not PublishingPolicy.requires_approval():
        return
    if proposal is None or not proposal.approves(changes):
        by_place = {place_of(path): one for path, one in changes.items()}
        raise NeedsApproval(by_place, note=note, insists=insists)


def _keep_live(publication: Publication, changes: Mapping[str, dict[str, Any] | None]) -> None:
    places = {path: place_of(path) for path in changes}
    LiveEntry.objects.bulk_create(
        (
            LiveEntry(
                section=section,
                key=key,
                definition=changes[path],
                version=publication.version,
            )
            for path, (section, key) in places.items()
        ),
        update_conflicts=True,
        unique_fields=["section", "key"],
        update_fields=["definition", "version"],
    )
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            key=key,
            at=publication.published_at,
            by=publication.published_by,
            said=f"{_became(changes[path])} as version {publication.version}.",
        )
        for path, (section, key) in places.items()
        if section == "segments"
    )


def _became(definition: dict[str, Any] | None) -> str:
    return "Taken offline" if definition is None else "Went live"


def _checksum(document: Document) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
