"""What stands in the way of deleting a segment where nobody sees first what goes with it."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db.models import ProtectedError
from django.db.models.deletion import Collector

from personalization.segments.following import what_follows
from personalization.segments.models import Segment
from personalization.segments.saved_references import named_by_others


def uses_of(segment: Segment) -> list[str]:
    """Return what uses the segment, a sentence for each: segments, activities, what follows it."""
    return [*named_by_others([segment]), *_protecting(segment), *_following(segment)]


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
