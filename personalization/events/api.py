"""POST /api/v1/events."""

from collections.abc import Sequence
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from personalization.access.errors import Unavailable
from personalization.access.models import ApiKey
from personalization.access.rendering import AlwaysJSON, as_json
from personalization.events.batch_parsing import BatchParser
from personalization.events.context import is_bot, surroundings_of
from personalization.events.enriching import with_context
from personalization.events.leaving_out_bots import leave_out_bot
from personalization.events.page_ids import id_of_page
from personalization.events.tracking import Tracked, track
from personalization.events.usual import as_sent
from personalization.identifiers.kinds import DEFAULTS
from personalization.streams.stream import StreamUnavailable

PAGE: Final = "page"
EVENT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["message_id", "type"],
    "properties": {
        "message_id": {"type": "string", "maxLength": 100, "description": "Stored once for ever."},
        "type": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$", "example": "item_view"},
        "occurred_at": {"type": "string", "format": "date-time"},
        "anonymous_id": {"type": "string", "maxLength": 128},
        "user_id": {"type": "string", "maxLength": 128},
        "properties": {"type": "object"},
        "context": {"type": "object"},
        "traits": {"type": "object"},
        "identifiers": {
            "type": "object",
            "description": "By what else the person is known; the admin may have more kinds.",
            "properties": {kind: {"type": "string", "maxLength": 128} for kind in DEFAULTS.further},
            "additionalProperties": {"type": "string", "maxLength": 128},
        },
    },
    "additionalProperties": False,
}
REQUEST_SCHEMA: Final[dict[str, Any]] = {
    "oneOf": [
        {
            "type": "object",
            "required": ["events"],
            "properties": {"events": {"type": "array", "items": EVENT_SCHEMA, "maxItems": 1000}},
        },
        EVENT_SCHEMA,
    ]
}
ANSWER_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "accepted": {"type": "integer"},
        "refused": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"},
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
EXAMPLE: Final = OpenApiExample(
    "One item view",
    request_only=True,
    value={
        "events": [
            {
                "message_id": "6f1c2b1e-1",
                "type": "item_view",
                "user_id": "17850",
                "properties": {"item_id": "85123A", "category": "lighting"},
            }
        ]
    },
)


class TooManyEvents(APIException):
    """The batch holds more events than are read at once."""

    status_code = 413
    default_code = "too_large"


class EventsView(APIView):
    """Take one event or a batch."""

    required_scope = ("events", "collect")
    parser_classes = [BatchParser]
    content_negotiation_class = AlwaysJSON

    @extend_schema(
        operation_id="send_events",
        summary="Send one event or a batch",
        description="Accepted means safe: the event is in the stream. Refused events are named "
        "with their index, the field and what to do; the others are kept.",
        tags=["events"],
        request={"application/json": REQUEST_SCHEMA},
        responses={202: ANSWER_SCHEMA},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> HttpResponse:
        """Answer 202 with the count accepted and the refusals."""
        raw_events = _events_in(request.data)
        try:
            if "events" in cast(ApiKey, request.auth).scopes:
                tracked = _told_by_a_server(raw_events, request)
            else:
                tracked = _told_by_a_page(raw_events, request)
        except StreamUnavailable as error:
            raise Unavailable(str(error)) from error
        # Written at once, without the framework's renderers: nothing is asked as often as this.
        answer = {"accepted": tracked.accepted, "refused": tracked.refused}
        return HttpResponse(as_json(answer), content_type="application/json", status=202)


def _events_in(data: Any) -> list[Any]:
    if not isinstance(data, dict):
        raise ValidationError({"events": ['Send one event, or {"events": [...]}.']})
    if "events" not in data:
        return [data]
    if data.keys() != {"events"} or not isinstance(data["events"], list):
        raise ValidationError({"events": ["Send a list of events, and no field beside it."]})
    if len(data["events"]) > settings.EVENT_BATCH_COUNT:
        raise TooManyEvents(f"Send at most {settings.EVENT_BATCH_COUNT:,} events at once.")
    return data["events"]


def _told_by_a_server(raw_events: Sequence[Any], request: Request) -> Tracked:
    now = timezone.now()
    completed = [with_context(raw, now=now) for raw in raw_events]
    vouched = cast(ApiKey, request.auth).vouched_purposes
    return track(completed, now=now, source="api", vouched=vouched)


def _told_by_a_page(raw_events: Sequence[Any], request: Request) -> Tracked:
    now, around = timezone.now(), surroundings_of(request)
    if is_bot(around.user_agent):
        types = [_type_stated(raw) for raw in raw_events]
        return Tracked(0, leave_out_bot(types, source=PAGE, now=now))
    own = [_as_the_visitor_who_asks(as_sent(raw), request) for raw in raw_events]
    completed = [with_context(raw, around=around, now=now) for raw in own]
    return track(completed, now=now, source=PAGE)


def _type_stated(raw: Any) -> str:
    stated = as_sent(raw)
    return str(stated.get("type", "")) if isinstance(stated, dict) else ""


def _as_the_visitor_who_asks(raw: Any, request: Request) -> Any:
    """Replace the identity in a browser's event: a page may speak for its own visitor only.

    Its message's id counts among those of this visitor.
    """
    if not isinstance(raw, dict):
        return raw
    visitor = request.visitor  # type: ignore[attr-defined]  # set by VisitorMiddleware
    named = visitor.anonymous_id or visitor.user_id
    return {
        **raw,
        "message_id": id_of_page(raw.get("message_id"), visitor=named),
        "anonymous_id": visitor.anonymous_id or None,
        "user_id": visitor.user_id or None,
    }
