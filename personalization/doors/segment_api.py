"""Segment's HTTP tracking API: its libraries work when they are pointed here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.access.errors import Unavailable, as_response
from personalization.access.keys import find_key
from personalization.access.models import ApiKey
from personalization.access.unpacking import PackedEventsParser
from personalization.access.write_keys import BasicKeyAuthentication
from personalization.doors.portions import take_in_portions
from personalization.doors.segment import FIELDS, KINDS, Received, translate
from personalization.doors.stated_choices import choices_stated, honour
from personalization.doors.translated import Outcome, Translated
from personalization.events.api import TooManyEvents
from personalization.events.keepable import EventRefused
from personalization.events.tracking import Refusal
from personalization.streams.stream import StreamUnavailable

# What a batch may say once for all of its messages.
SHARED: Final = ("context", "integrations")


class WriteKeyAuthentication(BasicKeyAuthentication):
    """Read the key from the header or, where there is none, from the body as `writeKey`."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """Return the key's row as `request.auth`; raises AuthenticationFailed on an unknown key."""
        if "Authorization" in request.headers or not isinstance(request.data, dict):
            return super().authenticate(request)
        stated = request.data.get("writeKey")
        if not isinstance(stated, str) or not stated:
            return None
        key = find_key(stated)
        if key is None:
            raise AuthenticationFailed("This key is unknown, revoked or expired.")
        return None, key


class SegmentView(APIView):
    """Take one message, of the kind that its address names, or a batch."""

    authentication_classes = [WriteKeyAuthentication]
    parser_classes = [PackedEventsParser]
    required_scope = "events"
    kind = ""

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Return what shapes errors so that Segment's libraries can read them aloud."""
        return _error

    @extend_schema(exclude=True)  # the specification is Segment's
    def post(self, request: Request) -> Response:
        """Answer as Segment does; where a message is wrong, 400 and which, and the rest is kept."""
        key = cast(ApiKey, request.auth)
        now = timezone.now()
        messages = [_translated(one) for one in self._received(request.data, now)]
        try:
            honour(messages, may_grant="consent" in key.scopes, now=now)
            outcome = take_in_portions(
                messages, now=now, source="segment", vouched=key.vouched_purposes
            )
        except StreamUnavailable as error:
            raise Unavailable(str(error)) from error
        return _answer(outcome)

    def _received(self, data: Any, now: datetime) -> list[Received]:
        if not isinstance(data, dict):
            raise ValidationError("Send a JSON object.")
        sent_at = data.get("sentAt")
        if self.kind:
            return [Received(data, self.kind, sent_at, now)]
        batch = data.get("batch")
        if not isinstance(batch, list):
            raise ValidationError({"batch": ["Send a list of messages."]})
        if len(batch) > settings.EVENT_BATCH_COUNT:
            raise TooManyEvents(f"Send at most {settings.EVENT_BATCH_COUNT:,} messages at once.")
        shared = {name: data[name] for name in SHARED if name in data}
        return [_of_batch(one, shared, sent_at, now, nth) for nth, one in enumerate(batch)]


def _of_batch(
    message: Any, shared: Mapping[str, Any], sent_at: object, now: datetime, nth: int
) -> Received:
    if not isinstance(message, dict):
        return Received(message, "", sent_at, now, nth)
    kind = message.get("type") or message.get("action") or "track"
    known = kind if isinstance(kind, str) and kind in KINDS else ""
    return Received({**shared, **message}, known, sent_at, now, nth)


def _translated(received: Received) -> Translated:
    if not isinstance(received.message, dict):
        return Translated((), ("", "A message is a JSON object."))
    if not received.kind:
        return Translated((), ("kind", f"Use one of {', '.join(KINDS)}."))
    try:
        return Translated(translate(received), choices=choices_stated(received.message))
    except EventRefused as refusal:
        return Translated((), (refusal.field, refusal.message))


def _answer(outcome: Outcome) -> Response:
    if not outcome.refused:
        return Response({"success": True})
    refused = [_as_segment_says(refusal) for refusal in outcome.refused]
    if not outcome.is_faulty:
        return Response({"success": True, "refused": refused})
    first = next(one for one in refused if one["field"] != "consent")
    message = f"{first['field']}: {first['message']}".removeprefix(": ")
    return Response(
        {
            "success": False,
            "code": "invalid_request",
            "message": f"{len(refused)} refused, {outcome.accepted} accepted. {message}",
            "refused": refused,
        },
        status=400,
    )


def _as_segment_says(refusal: Refusal) -> dict[str, Any]:
    named = replace(refusal, field=FIELDS.get(refusal.field, refusal.field))
    return {"index": named.index, "field": named.field, "message": named.message}


def _error(error: Exception, context: dict[str, Any]) -> Response | None:
    response = as_response(error, context)
    if response is not None:
        errors = response.data["errors"]
        code = getattr(error, "default_code", "invalid_request")
        message = errors[0]["message"]
        response.data = {"success": False, "code": code, "message": message, "errors": errors}
    return response
