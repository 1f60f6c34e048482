"""PUT and DELETE /api/v1/segments/{key}/live: make it live as it is saved, and take it offline."""

from collections.abc import Callable

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.segments.api import check_version, saved_answer
from personalization.segments.api_publishing import go_live, go_offline
from personalization.segments.api_reading import read_insisting, segment_of
from personalization.segments.api_saving import Saved
from personalization.segments.api_schemas import INSISTING, PROBLEM, SEGMENT
from personalization.segments.models import Proposal, Segment

ANSWERS = {200: SEGMENT, 202: SEGMENT, 409: PROBLEM, 412: PROBLEM}
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag under which it was read, to be refused where it was changed since.",
)


class LiveView(APIView):
    """Whether visitors meet a segment."""

    required_scope = "segments"

    @extend_schema(
        operation_id="publish_segment",
        summary="Make a segment live as it is saved",
        description="Where a second person must approve it is submitted: the answer is then 202."
        " Nothing happens where it is live like that already.",
        tags=["segments"],
        parameters=[IF_MATCH],
        request={"application/json": INSISTING},
        responses=ANSWERS,
    )
    def put(self, request: Request, key: str) -> Response:
        """Answer with the segment."""
        insists = read_insisting(request.data)
        return _act(request, key, lambda one: go_live(one, request, insists=insists))

    @extend_schema(
        operation_id="unpublish_segment",
        summary="Take a segment offline",
        description="It stays, as a draft. Refused with 409 while something live uses it. Where a"
        " second person must approve it is submitted: the answer is then 202.",
        tags=["segments"],
        parameters=[IF_MATCH],
        responses=ANSWERS,
    )
    def delete(self, request: Request, key: str) -> Response:
        """Answer with the segment."""
        return _act(request, key, lambda one: go_offline(one, request))


@transaction.atomic
def _act(request: Request, key: str, act: Callable[[Segment], Proposal | None]) -> Response:
    segment = segment_of(key, Segment.objects.select_for_update())
    if "If-Match" in request.headers:
        check_version(segment, request)
    return saved_answer(segment, Saved(act(segment)), status=200)
