"""What this room uses of others."""

from typing import Any

from django.db.models import QuerySet

from personalization.activation.models import Audience, WatchedSegment


def segments_listened_to() -> QuerySet[Any]:
    """Return the keys of segments that are watched, or pushed as an audience."""
    watched = WatchedSegment.objects.order_by().values("segment__key")
    return watched.union(Audience.objects.order_by().values("segment__key"))
