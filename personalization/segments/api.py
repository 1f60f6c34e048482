"""GET and POST /api/v1/segments, GET and PUT /api/v1/segments/{key}."""

from collections.abc import Iterable
from typing import Any, Final, cast

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.access.models import ApiKey
from personalization.segments.api_reading import Stated, read_key, read_number, read_segment
from personalization.segments.api_schemas import LIST, PROBLEM, SEGMENT, STATED
from personalization.segments.differing import describe_segment
from personalization.segments.ending import void_edited
from personalization.segments.history import record_saving
from personalization.segments.models import Kind, Proposal, Segment, saved_rule
from personalization.segments.publishing import (
    NeedsApproval,
    NobodyIsIn,
    NotPublishable,
    publish_segment,
)
from personalization.segments.recognising import unknown_names
from personalization.segments.ruling_out import why_nobody
from personalization.segments.states import STATES, in_state, state_of, with_live
from personalization.segments.submitting import submit

MOST: Final = 500
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag under which the segment was read.",
)

INSIST: Final = "Send “insist”: true to publish it all the same."


class ChangedMeanwhile(APIException):
    """Somebody else saved the segment since it was read."""

    status_code = 412
    default_code = "changed"


class NoVersionStated(APIException):
    """A change must say what it changes."""

    status_code = 428
    default_code = "no_version"


class Refused(APIException):
    """It cannot be published; nothing was saved."""

    status_code = 409
    default_code = "not_publishable"


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
        shown = [as_json(one) for one in found[:limit]]
        return Response({"segments": shown, "next_after": next_after})

    @extend_schema(
        operation_id="make_segment",
        summary="Make a segment",
        description="It is a draft. With `publish` it goes live at once or, where a second person"
        " must approve, is submitted: the answer is then 202.",
        tags=["segments"],
        request={"application/json": STATED},
        responses={201: SEGMENT, 202: SEGMENT, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Answer with the segment as it is saved."""
        stated = read_segment(request.data, segment=None)
        return _save(Segment(), stated, request, before=None, status=201)


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
        segment = get_object_or_404(with_live(Segment.objects.all(), section="segments"), key=key)
        return _answer(segment)

    @extend_schema(
        operation_id="replace_segment",
        summary="Replace a segment",
        tags=["segments"],
        parameters=[IF_MATCH],
        request={"application/json": STATED},
        responses={200: SEGMENT, 202: SEGMENT, 409: PROBLEM, 412: PROBLEM, 428: PROBLEM},
    )
    @transaction.atomic
    def put(self, request: Request, key: str) -> Response:
        """Answer with the segment as it is saved."""
        segment = get_object_or_404(Segment.objects.select_for_update(), key=key)
        _check_version(segment, request.headers.get("If-Match", ""))
        stated = read_segment(request.data, segment=segment)
        return _save(segment, stated, request, before=Segment.objects.get(pk=segment.pk))


def as_json(segment: Any) -> dict[str, Any]:
    """Return a segment that `with_live` has read."""
    return {
        "key": segment.key,
        "name": segment.name,
        "description": segment.description,
        "kind": segment.kind,
        "rule": segment.rule,
        "sentence": describe_segment(segment.definition(), {})[-1],
        "state": state_of(segment.live, segment.definition(), now=timezone.now()),
        "version": segment.live_version,
        "updated_at": segment.updated_at,
    }


def etag_of(segment: Segment) -> str:
    """Return what changes whenever the segment is saved."""
    return f'"{segment.pk}-{int(segment.updated_at.timestamp() * 1_000_000)}"'


def caller(request: Request) -> str:
    """Return under what name a key's deeds are told."""
    return f"API key “{cast(ApiKey, request.auth).name}”"


def key_owner(request: Request) -> str:
    """Return who answers for the key; empty where nobody is named."""
    return cast(ApiKey, request.auth).owner_name


def _chosen(request: Request) -> "QuerySet[Segment]":
    asked = with_live(Segment.objects.all(), section="segments")
    kind, state = (request.query_params.get(name, "") for name in ("kind", "state"))
    if kind and kind not in Kind.values:
        raise ValidationError({"kind": [f"Use one of {', '.join(Kind.values)}."]})
    if state and state not in STATES:
        raise ValidationError({"state": [f"Use one of {', '.join(STATES)}."]})
    chosen = asked.filter(kind=kind) if kind else asked
    return in_state(chosen, state) if state else chosen


def _check_version(segment: Segment, stated: str) -> None:
    if not stated:
        raise NoVersionStated("Say in If-Match which version you change: the ETag you read.")
    if stated not in (etag_of(segment), "*"):
        raise ChangedMeanwhile("It was changed since you read it. Read it again.")


def _save(
    segment: Segment, stated: Stated, request: Request, *, before: Segment | None, status: int = 200
) -> Response:
    by, now = caller(request), timezone.now()
    with transaction.atomic():
        if before is None or before.rule != stated.rule:
            segment.kind = Kind.DYNAMIC
        segment.name, segment.description = stated.name, stated.description
        segment.rule = stated.rule
        segment.save()
        record_saving(segment=segment, before=before, by=by, now=now)
        waiting = _publish(segment, request, stated) if stated.publish else None
        ended = [] if stated.publish else void_edited(key=segment.key, now=now)
    saved = with_live(Segment.objects.all(), section="segments").get(pk=segment.pk)
    if waiting is None:
        return _answer(saved, status=status, **_numbers("voided", ended), **_warnings(saved))
    replaced = _numbers("replaced", waiting.replaced.all())
    return _answer(saved, status=202, approval=waiting.pk, **replaced, **_warnings(saved))


def _warnings(segment: Segment) -> dict[str, list[dict[str, str]]]:
    """Return what is saved all the same, and will surprise."""
    rule = segment.parsed_rule
    reason = why_nobody(rule, resolve=saved_rule, key=segment.key)
    said = [("rule", f"Nobody can be in it: {reason}.")] if reason else []
    said += [(f"rule.{one.path}", one.message) for one in unknown_names(rule)]
    return {"warnings": [{"field": place, "message": text} for place, text in said]} if said else {}


def _numbers(name: str, proposals: Iterable[Proposal]) -> dict[str, list[int]]:
    numbers = [one.pk for one in proposals]
    return {name: numbers} if numbers else {}


def _publish(segment: Segment, request: Request, stated: Stated) -> Proposal | None:
    """Publish, or return what waits for a second person."""
    by, now = caller(request), timezone.now()
    try:
        publish_segment(segment=segment, by=by, now=now, insists=stated.insists)
    except NeedsApproval as error:
        return submit(
            changes=error.changes,
            by=by,
            note=error.note,
            now=now,
            insists=error.insists,
            key_owner=key_owner(request),
        )
    except NobodyIsIn as error:
        raise Refused({"publish": [f"{one} {INSIST}" for one in error.messages]}) from error
    except NotPublishable as error:
        raise Refused({"publish": [*error.messages]}) from error
    return None


def _answer(segment: Segment, *, status: int = 200, **more: Any) -> Response:
    """Answer with the segment, and with what else is to be told."""
    body = as_json(segment) | more
    return Response(body, status=status, headers={"ETag": etag_of(segment)})
