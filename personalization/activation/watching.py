"""Know which segments something listens to, and which of them are to be recalculated."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from personalization.activation.models import (
    Audience,
    Destination,
    Membership,
    Trigger,
    WatchedSegment,
)
from personalization.segments.models import Publication, Segment

IN_CHANGES: Final = '"segments/'


def keep_watch() -> None:
    """Watch what something listens to; forget the members of what nothing listens to any more."""
    wanted = set(_listened_to())
    held = set(WatchedSegment.objects.values_list("segment_id", flat=True))
    WatchedSegment.objects.bulk_create(
        (WatchedSegment(segment_id=pk, is_kept=False) for pk in wanted - held),
        ignore_conflicts=True,
    )
    WatchedSegment.objects.filter(is_kept=False).exclude(segment_id__in=wanted).delete()
    watched = WatchedSegment.objects.values("segment__key")
    Membership.objects.exclude(segment_key__in=watched).delete()


def due_segments(*, now: datetime) -> list[int]:
    """Return the watched segments to recalculate: late, changed since, or left by their worker."""
    due = set(WatchedSegment.objects.due(now).values_list("pk", flat=True))
    changed = latest_change()
    if changed is not None:
        resting = WatchedSegment.objects.filter(
            state=WatchedSegment.State.DONE, ruleset_version__lt=changed
        )
        due |= set(resting.values_list("pk", flat=True))
    return sorted(due)


def latest_change() -> int | None:
    """Return the last version that changed any segment: one may be named by others."""
    published = Publication.objects.annotate(text=Cast("changes", TextField()))
    latest = published.filter(text__contains=IN_CHANGES).order_by("-version")
    return latest.values_list("version", flat=True).first()


def listeners(segments: Collection[Segment]) -> dict[int, list[str]]:
    """Return, for each segment, what listens to it, in words."""
    found: dict[int, list[str]] = {segment.pk: [] for segment in segments}
    for trigger in Trigger.objects.in_force().filter(segment__in=found):
        found[trigger.segment_id].append("a trigger")
    for audience in Audience.objects.in_force().filter(segment__in=found):
        found[audience.segment_id].append(f"the audience “{audience}”")
    for destination in _webhooks().filter(segments__in=found).distinct():
        for pk in destination.segments.values_list("pk", flat=True):
            if pk in found:
                found[pk].append(f"the webhook “{destination}”")
    return found


def _listened_to() -> Iterator[int]:
    yield from WatchedSegment.objects.filter(is_kept=True).values_list("segment_id", flat=True)
    yield from Trigger.objects.in_force().values_list("segment_id", flat=True)
    yield from Audience.objects.in_force().values_list("segment_id", flat=True)
    told = _webhooks().filter(segments__isnull=False)
    yield from told.values_list("segments", flat=True)


def _webhooks() -> QuerySet[Destination]:
    # Also one that is switched off: it goes on where it stopped, and not with a new count.
    return Destination.objects.filter(kind=Destination.Kind.WEBHOOK, waits=False)
