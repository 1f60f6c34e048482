"""What this room uses of others."""

from typing import Any

from django.db.models import QuerySet

from personalization.content.models import Activity


def segments_of_activities() -> QuerySet[Any]:
    """Return the keys of segments that an activity is for."""
    return Activity.objects.filter(segment__isnull=False).order_by().values("segment__key")
