"""The versions of one segment, and going back to one of them alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from personalization.segments.announcing import lock_publications
from personalization.segments.calling import SavedNames
from personalization.segments.differing import Line, compare_sentences, describe_segment
from personalization.segments.history import record_saving
from personalization.segments.models import LiveEntry, Publication, Segment
from personalization.segments.publishing import publish

MOST: Final = 100
DEFINITION: Final = "document #> ARRAY['segments', %s]"


class NoSuchVersion(Exception):
    """The segment was not live, or not changed, in this version."""


class AlreadyLive(Exception):
    """Visitors meet the segment like this already."""


@dataclass(frozen=True, slots=True)
class SegmentVersion:
    """What a publication made of one segment; `line` compares it with the version before.

    `is_live` of the latest, which may have taken it offline; `can_return` where there is something
    to go back to that visitors do not meet already.
    """

    publication: Publication
    definition: dict[str, Any] | None
    line: Line
    is_live: bool
    can_return: bool


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """What visitors meet of a segment, and whether that is what is saved."""

    version: int
    sentence: str
    is_as_saved: bool


def versions_of(segment: Segment) -> list[SegmentVersion]:
    """Return the latest hundred publications that changed the segment, newest first.

    Segments are called as they are now: one that was renamed changes no version that names it.
    """
    rows = list(_publications(segment)[: MOST + 1])
    names = SavedNames()
    sentences = [_sentence(row.definition, names) for row in rows]
    before = [*sentences[1:], ""][: len(rows)]  # a segment may never have been live
    return [
        SegmentVersion(
            row,
            row.definition,
            compare_sentences(old, new),
            is_live=n == 0,
            can_return=row.definition not in (None, rows[0].definition),
        )
        for n, (row, old, new) in enumerate(zip(rows, before, sentences, strict=True))
    ][:MOST]


def restore_segment(*, segment: Segment, to_version: int, by: str, now: datetime) -> Publication:
    """Make the segment live as it was in an earlier version, and nothing else.

    Raises NoSuchVersion, AlreadyLive, or NotPublishable when it no longer passes the checks.
    """
    earlier: Any = _publications(segment).filter(version=to_version).first()
    if earlier is None or earlier.definition is None:
        raise NoSuchVersion
    with transaction.atomic():
        lock_publications()
        live = LiveEntry.objects.filter(section="segments", key=segment.key).first()
        if live is not None and live.definition == earlier.definition:
            raise AlreadyLive
        return publish(
            section="segments",
            key=segment.key,
            definition=earlier.definition,
            by=by,
            note=f"Segment “{segment.name}” back to version {to_version}",
            now=now,
            # What nobody can be in was meant when it was published.
            insists=True,
        )


def live_version(segment: Segment) -> LiveVersion | None:
    """Return what visitors meet of the segment now; None where it is not live."""
    entry = LiveEntry.objects.filter(section="segments", key=segment.key).first()
    if entry is None or entry.definition is None:
        return None
    return LiveVersion(
        version=entry.version,
        sentence=_sentence(entry.definition, SavedNames()),
        is_as_saved=entry.definition == segment.definition(),
    )


def take_over_live(*, segment: Segment, by: str, now: datetime) -> None:
    """Save the segment as it is live, instead of what was saved since; raises NoSuchVersion."""
    entry = LiveEntry.objects.filter(section="segments", key=segment.key).first()
    if entry is None or entry.definition is None:
        raise NoSuchVersion
    before = Segment.objects.get(pk=segment.pk)
    segment.name, segment.rule = entry.definition["name"], entry.definition["rule"]
    segment.save()
    how = f"Went back to what is live as version {entry.version}"
    record_saving(segment=segment, before=before, by=by, now=now, how=how)


def _publications(segment: Segment) -> Any:
    # Only the definition leaves the database: a document may hold thousands of others.
    definition = RawSQL(DEFINITION, (segment.key,), output_field=JSONField())  # noqa: S611
    changed = Publication.objects.filter(changes__contains=[f"segments/{segment.key}"])
    return changed.defer("document").annotate(definition=definition).order_by("-version")


def _sentence(definition: dict[str, Any] | None, names: Mapping[str, str]) -> str:
    if definition is None:
        return "Offline."
    return " ".join(describe_segment(definition, {}, names))
