"""GET and POST /api/v1/segments; GET, PUT and DELETE /api/v1/segments/{key}."""

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.segments.api_kinds import fields_of
from personalization.segments.api_publishing import delete_unused
from personalization.segments.api_reading import read_key, read_number, read_segment, segment_of
from personalization.segments.api_saving import Saved, is_saved, save, warnings_of
from personalization.segments.api_schemas import LIST, PROBLEM, SEGMENT, STATED
from personalization.segments.calling import SavedNames
from personalization.segments.differing import describe_segment
from personalization.segments.models import Kind, MemberList, Proposal, Segment
from personalization.segments.refusing import lists_in
from personalization.segments.states import STATES, in_state, state_of, with_live

MOST: Final = 500
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag under which the segment was read.",
)


class ChangedMeanwhile(APIException):
    """Somebody else saved the segment since it was read."""

    status_code = 412
    default_code = "changed"


class NoVersionStated(APIException):
    """A change must say what it changes."""

    status_code = 428
    default_code = "no_version"


class SegmentsView(APIView):
    """All segments, and a new one."""

    required_scope = "segments"

    @extend_schema(
        operation_id="list_segments",
        summary="List segments",
        tags=["segments"],
        parameters=[
            OpenApiParameter("after", OpenApiTypes.STR, description="The key the last page ended"),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {MOST}; 100"),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=Kind.values),
            OpenApiParameter("state", OpenApiTypes.STR, enum=list(STATES)),
        ],
        responses={200: LIST},
    )
    def get(self, request: Request) -> Response:
        """Answer with a page, in the order of their keys."""
        limit = read_number(request.query_params, "limit", default=100, least=1, largest=MOST)
        asked = _chosen(request).filter(key__gt=read_key(request.query_params, "after"))
        found = list(asked.order_by("key")[: limit + 1])
        next_after = found[limit - 1].key if len(found) > limit else None
        names = SavedNames()
        shown = [as_json(one, names) for one in found[:limit]]
        return Response({"segments": shown, "next_after": next_after})

    @extend_schema(
        operation_id="make_segment",
        summary="Make a segment",
        description="A rule, a list, a combination or a score. It is a draft."
        " With `publish` it goes live at once or, where a second person"
        " must approve, is submitted: the answer is then 202.",
        tags=["segments"],
        request={"application/json": STATED},
        responses={201: SEGMENT, 202: SEGMENT, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Answer with the segment as it is saved."""
        stated = read_segment(request.data, segment=None)
        segment = Segment()
        return saved_answer(segment, save(segment, stated, request, before=None), status=201)


class SegmentView(APIView):
    """One segment."""

    required_scope = "segments"

    @extend_schema(
        operation_id="read_segment",
        summary="Read a segment",
        description="The ETag of the answer is what a change of it must state.",
        tags=["segments"],
        responses={200: SEGMENT},
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with the segment as it is saved."""
        segment = segment_of(key, with_live(Segment.objects.all(), section="segments"))
        return _answer(segment)

    @extend_schema(
        operation_id="replace_segment",
        summary="Replace a segment",
        description="The same sent twice is answered alike, and changes nothing the second time.",
        tags=["segments"],
        parameters=[IF_MATCH],
        request={"application/json": STATED},
        responses={200: SEGMENT, 202: SEGMENT, 409: PROBLEM, 412: PROBLEM, 428: PROBLEM},
    )
    @transaction.atomic
    def put(self, request: Request, key: str) -> Response:
        """Answer with the segment as it is saved."""
        segment = segment_of(key, Segment.objects.select_for_update())
        stated_version(request)
        stated = read_segment(request.data, segment=segment)
        if not is_saved(segment, stated):
            # What is saved like this already may be an answer that was lost on its way.
            check_version(segment, request)
        before = Segment.objects.get(pk=segment.pk)
        return saved_answer(segment, save(segment, stated, request, before=before), status=200)

    @extend_schema(
        operation_id="delete_segment",
        summary="Delete a segment",
        description="What something uses is not deleted: the answer is then 409 and names it."
        " A live one goes offline first; where a second person must approve that, it is submitted:"
        " the answer is then 202, and the segment is there until it is deleted again.",
        tags=["segments"],
        parameters=[IF_MATCH],
        responses={204: None, 202: SEGMENT, 409: PROBLEM, 412: PROBLEM, 428: PROBLEM},
    )
    @transaction.atomic
    def delete(self, request: Request, key: str) -> Response:
        """Answer with nothing, or with the segment that waits to go offline."""
        segment = segment_of(key, Segment.objects.select_for_update())
        check_version(segment, request)
        waiting = delete_unused(segment, request)
        if waiting is None:
            return Response(status=204)
        return saved_answer(segment, Saved(waiting), status=202)


def as_json(segment: Any, names: SavedNames) -> dict[str, Any]:
    """Return a segment that `with_live` has read; `names` are what those it names are called."""
    return {
        "key": segment.key,
        "name": segment.name,
        "description": segment.description,
        "kind": segment.kind,
        "rule": segment.rule,
        "sentence": describe_segment(segment.definition(), {}, names)[-1],
        "state": state_of(segment.live, segment.definition(), now=timezone.now()),
        "version": segment.live_version,
        "updated_at": segment.updated_at,
        **fields_of(segment),
    }


def etag_of(segment: Segment) -> str:
    """Return what changes whenever the segment is saved."""
    return f'"{segment.pk}-{int(segment.updated_at.timestamp() * 1_000_000)}"'


def _chosen(request: Request) -> "QuerySet[Segment]":
    asked = with_live(Segment.objects.all(), section="segments")
    kind, state = (request.query_params.get(name, "") for name in ("kind", "state"))
    if kind and kind not in Kind.values:
        raise ValidationError({"kind": [f"Use one of {', '.join(Kind.values)}."]})
    if state and state not in STATES:
        raise ValidationError({"state": [f"Use one of {', '.join(STATES)}."]})
    chosen = asked.filter(kind=kind) if kind else asked
    return in_state(chosen, state) if state else chosen


def saved_answer(segment: Segment, saved: Saved, *, status: int) -> Response:
    """Answer with the segment as it is saved now, and with what came of it."""
    fresh = with_live(Segment.objects.all(), section="segments").get(pk=segment.pk)
    told: dict[str, Any] = {}
    if saved.waiting is not None:
        told |= {"approval": saved.waiting.pk}
        told |= _numbers("replaced", saved.waiting.replaced.all())
    told |= _numbers("voided", saved.ended)
    if warnings := warnings_of(fresh):
        told |= {"warnings": warnings}
    return _answer(fresh, status=status if saved.waiting is None else 202, **told)


def check_version(segment: Segment, request: Request) -> None:
    """Refuse an If-Match that names another version; raises ChangedMeanwhile."""
    if stated_version(request) not in (etag_of(segment), "*"):
        raise ChangedMeanwhile("It was changed since you read it. Read it again.")


def stated_version(request: Request) -> str:
    """Return what If-Match says; raises NoVersionStated."""
    stated = request.headers.get("If-Match", "")
    if not stated:
        raise NoVersionStated("Say in If-Match which version you change: the ETag you read.")
    return stated


def _numbers(name: str, proposals: Iterable[Proposal]) -> dict[str, list[int]]:
    numbers = [one.pk for one in proposals]
    return {name: numbers} if numbers else {}


def _answer(segment: Segment, *, status: int = 200, **more: Any) -> Response:
    """Answer with the segment, and with what else is to be told."""
    body = as_json(segment, SavedNames()) | _listed(segment) | more
    return Response(body, status=status, headers={"ETag": etag_of(segment)})


def _listed(segment: Segment) -> dict[str, int]:
    if segment.kind != Kind.STATIC:
        return {}
    found = MemberList.objects.filter(key__in=lists_in(segment.rule))
    return {"listed": found.values_list("members", flat=True).first() or 0}
