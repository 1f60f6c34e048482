"""What stands in the way of deleting segments, and what goes with them."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db.models import Count, ProtectedError, Q, Sum
from django.db.models.deletion import Collector

from personalization.segments.following import what_follows
from personalization.segments.models import GoldenVisitor, Segment
from personalization.segments.saved_references import lists_named_by_others, named_by_others


def uses_of(*segments: Segment) -> list[str]:
    """Return what uses these and is none of them, a sentence for each.

    Segments, also those that name a list of theirs, activities, and what follows them.
    """
    uses = [*named_by_others(segments), *lists_named_by_others(segments)]
    for segment in segments:
        uses += [*_protecting(segment), *_following(segment)]
    return uses


def going_with(segment: Segment) -> list[str]:
    """Return what is deleted with the segment; by number, since a list may name a million."""
    lists = segment.lists.aggregate(count=Count("pk"), entries=Sum("members", default=0))
    found = {
        f"Lists of people: {lists['count']}, with {lists['entries']:,} entries": lists["count"],
        f"Uploads of lists: {segment.uploads.count()}": segment.uploads.count(),
    }
    expecting = GoldenVisitor.objects.filter(Q(belongs_to=segment) | Q(stays_out_of=segment))
    golden = [f"What is expected of the golden visitor “{one}”" for one in expecting.distinct()]
    return [*(said for said, count in found.items() if count), *golden]


def _protecting(segment: Segment) -> Iterator[str]:
    try:
        Collector(using="default", origin=segment).collect([segment])
    except ProtectedError as error:
        for one in sorted(error.protected_objects, key=str):
            yield f"{str(one._meta.verbose_name).capitalize()} “{one}”, which is for “{segment}”."


def _following(segment: Segment) -> Iterator[str]:
    everybody = get_user_model()(is_active=True, is_superuser=True)
    for kind in what_follows(segment=segment, user=everybody):
        for one in kind.found:
            yield f"{kind.title}: {one.said}"
