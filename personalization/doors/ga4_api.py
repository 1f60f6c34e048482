"""Google's Measurement Protocol (GA4), and its validation server."""

from dataclasses import asdict
from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.access.errors import Unavailable
from personalization.access.models import ApiKey
from personalization.access.unpacking import PackedEventsParser
from personalization.access.write_keys import ApiSecretAuthentication
from personalization.doors.ga4 import CallRefused, field_path, read_call
from personalization.doors.ga4_advising import advise
from personalization.doors.portions import take_in_portions
from personalization.doors.translated import CONSENT, check
from personalization.events.tracking import Refusal
from personalization.streams.stream import StreamUnavailable


class MeasurementView(APIView):
    """What both addresses share: the key is the `api_secret`."""

    authentication_classes = [ApiSecretAuthentication]
    parser_classes = [PackedEventsParser]
    required_scope = "events"


class CollectView(MeasurementView):
    """Take events in."""

    @extend_schema(exclude=True)  # the specification is Google's
    def post(self, request: Request) -> Response:
        """Answer 204; where an event is wrong, 400 and why, and the rest is kept.

        Google answers 204 to everything. Events that are lost without a word are what this
        project avoids, so here a wrong secret is 401 and a wrong event 400.
        """
        key = cast(ApiKey, request.auth)
        now = timezone.now()
        try:
            events = read_call(request.data, measurement_id=_measurement_id(request), now=now)
            outcome = take_in_portions(events, now=now, source="ga4", vouched=key.vouched_purposes)
        except CallRefused as refused:
            return Response({"validationMessages": [_whole(refused)]}, status=400)
        except StreamUnavailable as error:
            raise Unavailable(str(error)) from error
        if not outcome.is_faulty:
            return Response(status=204)
        wrong = [_message(one) for one in outcome.refused if one.field != CONSENT]
        return Response({"validationMessages": wrong}, status=400)


class DebugView(MeasurementView):
    """Say what is wrong with events, and keep nothing."""

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        """Answer with a message for each fault, and for what is taken but counts for little."""
        now = timezone.now()
        body: Any = request.data
        try:
            events = read_call(body, measurement_id=_measurement_id(request), now=now)
        except CallRefused as refused:
            return Response({"validationMessages": [_whole(refused)]})
        faults = [_message(one) for one in check(events, now=now)]
        advice = [asdict(one) for one in advise(body["events"])]
        return Response({"validationMessages": [*faults, *advice]})


def _measurement_id(request: Request) -> str:
    stated: str = request.query_params.get("measurement_id") or request.query_params.get(
        "firebase_app_id", ""
    )
    return stated[:64]


def _whole(refused: CallRefused) -> dict[str, str]:
    return {
        "fieldPath": refused.field,
        "description": refused.message,
        "validationCode": refused.code,
    }


def _message(refusal: Refusal) -> dict[str, str]:
    code = "NAME_INVALID" if refusal.field in ("name", "type") else "VALUE_INVALID"
    return {
        "fieldPath": field_path(refusal.field, nth=refusal.index),
        "description": refusal.message,
        "validationCode": code,
    }
