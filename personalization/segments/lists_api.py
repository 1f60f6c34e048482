"""PUT and GET /api/v1/segments/{key}/list: a list of people, sent whole and read by a worker."""

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.segments.api_publishing import caller, key_owner
from personalization.segments.api_reading import segment_of
from personalization.segments.api_saving import SENT
from personalization.segments.api_schemas import LIST_UPLOAD, PROBLEM
from personalization.segments.list_forms import ID_KINDS
from personalization.segments.list_reading import ListTooLong
from personalization.segments.list_telling import read_soon
from personalization.segments.models import Kind, ListUpload
from personalization.segments.upload_keeping import PART_BYTES, keep_upload

KINDS: Final = tuple(kind for kind, _ in ID_KINDS)


class LinesParser(BaseParser):
    """Text as it comes: it is never whole in memory."""

    media_type = "text/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the stream itself."""
        return stream


class ListView(APIView):
    """Who is on the list of a segment."""

    required_scope = "segments"
    parser_classes = (LinesParser,)

    @extend_schema(
        operation_id="replace_list",
        summary="Replace the list of a segment",
        description="Text or CSV in UTF-8, up to a million identifiers. A worker reads it; until it"
        " is whole the segment keeps the list it has. Ask with GET how far it is.",
        tags=["segments"],
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, enum=KINDS, required=True),
            OpenApiParameter(
                "publish", OpenApiTypes.BOOL, description="Live as soon as it is whole"
            ),
        ],
        request={"text/csv": {"type": "string"}, "text/plain": {"type": "string"}},
        responses={202: LIST_UPLOAD, 400: PROBLEM},
    )
    def put(self, request: Request, key: str) -> Response:
        """Answer that it is kept and waits for a worker."""
        segment = segment_of(key)
        if segment.kind != Kind.STATIC:
            raise ValidationError(
                {"key": ["This segment is no list. Make one of the kind static."]}
            )
        kind = request.query_params.get("kind", "")
        if kind not in KINDS:
            raise ValidationError({"kind": [f"Use one of {', '.join(KINDS)}."]})
        stream = request.data
        if not isinstance(stream, HttpRequest):
            raise ValidationError({"": ["Send the list as the body, as text/csv or text/plain."]})
        try:
            upload = keep_upload(
                segment=segment,
                chunks=iter(lambda: stream.read(PART_BYTES), b""),
                id_kind=kind,
                note=SENT,
                publishes=request.query_params.get("publish", "").lower() in ("1", "true"),
                by=caller(request),
                key_owner=key_owner(request),
                now=timezone.now(),
            )
        except ListTooLong as error:
            raise ValidationError({"": [str(error)]}) from error
        read_soon(upload)
        return Response(_as_json(upload), status=202)

    @extend_schema(
        operation_id="read_list_state",
        summary="Say how far the list is that was sent last",
        tags=["segments"],
        responses={200: LIST_UPLOAD, 404: PROBLEM},
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with its state, and which lines were refused."""
        upload = segment_of(key).uploads.first()
        if upload is None:
            raise NotFound("No list was sent for this segment.")
        return Response(_as_json(upload))


def _as_json(upload: ListUpload) -> dict[str, Any]:
    return {
        "state": upload.state,
        "percent": upload.percent,
        "message": upload.message,
        "refused": upload.refused,
        "refusals": [{"line": line, "reason": reason} for line, reason in upload.refusals],
    }
