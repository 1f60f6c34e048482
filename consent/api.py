"""POST and GET /api/v1/privacy/requests, POST and GET /api/v1/consents."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

import redis
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.api_reading import IDENTIFIERS, AskedChoices, AskedRequest, read_query
from consent.checking import choices_of_many
from consent.models import PrivacyRequest
from consent.models.requests import REGULATIONS, TYPES
from consent.proving import MECHANISM_API
from consent.recording import record_choices
from consent.requests import open_request
from consent.subjects import Subject
from consent.tasks import enqueue

STATED: Final = {name: {"type": "string", "maxLength": 256} for name in IDENTIFIERS}
ASKED: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type"],
    "description": "Exactly one identifier.",
    "properties": {
        "type": {"type": "string", "enum": list(TYPES)},
        "regulation": {"type": "string", "enum": list(REGULATIONS), "default": "gdpr"},
        **STATED,
    },
    "additionalProperties": False,
}
OPENED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "state": {"type": "string"},
        "url": {"type": "string"},
    },
}
FOLLOWED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **OPENED["properties"],
        "type": {"type": "string"},
        "regulation": {"type": "string"},
        "received_at": {"type": "string", "format": "date-time"},
        "transitions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "from": {"type": "string"},
                    "to": {"type": "string"},
                    "at": {"type": "string", "format": "date-time"},
                    "note": {"type": "string"},
                },
            },
        },
        "receipt": {"type": "object", "nullable": True},
    },
}
CHOICES: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "granted": {"type": "array", "items": {"type": "string"}},
        "denied": {"type": "array", "items": {"type": "string"}},
    },
}
CHOSEN: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["choices"],
    "description": "Exactly one identifier.",
    "properties": {
        "choices": {
            "type": "object",
            "additionalProperties": {"type": "boolean"},
            "example": {"analytics": True, "personalization": True},
        },
        "jurisdiction": {"type": "string", "maxLength": 16, "example": "FR"},
        **STATED,
    },
    "additionalProperties": False,
}
REFUSED: Final = OpenApiResponse(
    {
        "type": "object",
        "properties": {
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                },
            }
        },
    },
    description="What is wrong, field by field",
)


class ChoicesUnavailable(APIException):
    """The store of choices cannot be reached."""

    status_code = 503
    default_detail = "Choices cannot be read now. Ask again later."
    wait = 5  # seconds, sent as Retry-After


class PrivacyRequestsView(APIView):
    """Where partners ask for a person's data to be erased."""

    required_scope = "privacy"

    @extend_schema(
        operation_id="open_privacy_request",
        summary="Ask for the erasure of a person",
        tags=["privacy"],
        request={"application/json": ASKED},
        responses={201: OPENED, 400: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Open a request; the partner has established who is asking."""
        asked = AskedRequest.parse(request.data)
        with transaction.atomic():
            opened = open_request(
                type=asked.type,
                subject=asked.subject,
                regulation=asked.regulation,
                opened_by=f"API key {request.auth}",
                verified=True,
                now=timezone.now(),
            )
            transaction.on_commit(partial(enqueue, opened))
        body = {"id": str(opened.pk), "state": opened.state, "url": opened.get_absolute_url()}
        return Response(body, status=201, headers={"Location": body["url"]})


class PrivacyRequestView(APIView):
    """Where partners follow a request."""

    required_scope = "privacy"

    @extend_schema(
        operation_id="read_privacy_request",
        summary="Follow a request and read its receipt",
        tags=["privacy"],
        responses={200: FOLLOWED},
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        """Return state, history and receipt."""
        return Response(_followed(get_object_or_404(PrivacyRequest, pk=request_id)))


class ConsentsView(APIView):
    """Where partners state and read what a person agreed to."""

    required_scope = "consent"

    @extend_schema(
        operation_id="record_consent",
        summary="Record what a person agreed to or refused",
        tags=["consent"],
        request={"application/json": CHOSEN},
        responses={201: CHOICES, 400: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Record the choices; what is not mentioned stays as it is."""
        asked = AskedChoices.parse(request.data)
        record_choices(
            subject=asked.subject,
            choices=asked.choices,
            mechanism=MECHANISM_API,
            jurisdiction=asked.jurisdiction,
            now=timezone.now(),
        )
        try:
            current = _current(asked.subject)
        except redis.RedisError:
            # Recorded all the same, and Redis is told later; a 500 would have it sent again.
            current = _stated(asked.choices)
        return Response(current, status=201)

    @extend_schema(
        operation_id="read_consent",
        summary="Read what a person agreed to and refused",
        tags=["consent"],
        parameters=[
            OpenApiParameter(name, str, description="Give exactly one identifier.")
            for name in IDENTIFIERS
        ],
        responses={200: CHOICES, 400: REFUSED},
    )
    def get(self, request: Request) -> Response:
        """Return the current choices; for somebody unknown both lists are empty."""
        try:
            return Response(_current(read_query(request.query_params.dict())))
        except redis.RedisError as error:
            raise ChoicesUnavailable from error


def _current(subject: Subject) -> dict[str, list[str]]:
    (choices,) = choices_of_many([subject])
    return {"granted": sorted(choices.granted), "denied": sorted(choices.denied)}


def _stated(choices: Mapping[str, bool]) -> dict[str, list[str]]:
    return {
        "granted": sorted(purpose for purpose, yes in choices.items() if yes),
        "denied": sorted(purpose for purpose, yes in choices.items() if not yes),
    }


def _followed(request: PrivacyRequest) -> dict[str, Any]:
    receipt = request.latest_receipt
    return {
        "id": str(request.pk),
        "state": request.state,
        "url": request.get_absolute_url(),
        "type": request.type,
        "regulation": request.regulation,
        "received_at": request.received_at.isoformat(),
        "transitions": [
            {"from": one.from_state, "to": one.to_state, "at": one.at.isoformat(), "note": one.note}
            for one in request.transitions.all()
        ],
        "receipt": receipt.as_json() if receipt else None,
    }
