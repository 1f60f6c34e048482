"""Deleting segments in the admin: only those that nothing uses."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from personalization.segments.admin.objecting import TakesOfflineFirst
from personalization.segments.deleting import going_with, uses_of
from personalization.segments.ending import delete_segment
from personalization.segments.models import Segment


class DeletesUnused(TakesOfflineFirst):
    """Says before a segment is deleted what goes with it, or what stands in the way."""

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        """Take it offline first, where it is live, and end what waits about it."""
        delete_segment(segment=obj, by=request.user.get_username(), now=timezone.now())

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[Any]]:
        """Name what goes with them; keep what something uses, and name that."""
        # Not as the admin does it, which reads every entry of every list.
        found = [said for one in objs for said in (f"Segment: {one}", going_with(one)) if said]
        return found, {"segments": len(objs)}, set(), uses_of(*objs)
