"""PUT /api/v1/profiles and GET /api/v1/profiles/{kind}:{value}."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final, cast

import redis
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import (
    APIException,
    NotFound,
    PermissionDenied,
    ValidationError,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.access.errors import Unavailable
from personalization.access.keys import HasScope
from personalization.access.models import ApiKey
from personalization.access.parsing import EventsParser
from personalization.profiles.api_reading import read_statements
from personalization.profiles.api_schemas import EXAMPLE, LOOKUP, MOST_AT_ONCE, READ, REQUEST, TAKEN
from personalization.profiles.describing import PSEUDONYM, describe, find_profile, pseudonym_of
from personalization.profiles.stating import take_in_statements
from personalization.streams.stream import StreamUnavailable
from personalization.vault.looking import note_look

LONGEST_KEY: Final = 64
NOBODY: Final = "There is nobody of this name, or nothing may be told."


class TooManyProfiles(APIException):
    """The batch holds more people than are read at once."""

    status_code = 413
    default_code = "too_large"


class MayLook(HasScope):
    """Answer a key that lacks the scope as if there were nobody: a refusal would say too much."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raise NotFound when the key lacks the scope."""
        try:
            return super().has_permission(request, view)
        except PermissionDenied as error:
            raise NotFound(NOBODY) from error


class ProfilesView(APIView):
    """Where a shop's own system states people."""

    required_scope = "profiles"
    parser_classes = [EventsParser]

    @extend_schema(
        operation_id="put_profiles",
        summary="Create or update people, one or a batch",
        description="What is stated is added to what is known; a trait that is null is cleared. "
        "Accepted means safe: the statement is in the stream. Refused people are named with their "
        "index, the field and what to do; the others are kept.",
        tags=["profiles"],
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="The batch is taken once under it. People with a `message_id` of "
                "their own are taken once under that.",
            )
        ],
        request={"application/json": REQUEST},
        responses={202: TAKEN},
        examples=[EXAMPLE],
    )
    def put(self, request: Request) -> Response:
        """Answer 202 with the count accepted and the refusals."""
        people, key = _people_in(request.data), cast(ApiKey, request.auth)
        batch = read_statements(people, idempotency_key=_idempotency_key(request, key))
        try:
            taken = take_in_statements(
                batch.statements,
                now=timezone.now(),
                source="api",
                vouched=key.vouched_purposes,
            )
        except StreamUnavailable as error:
            raise Unavailable(str(error)) from error
        refused = [replace(one, index=batch.indices[one.index]) for one in taken.refused]
        every = sorted((*batch.refused, *refused), key=lambda one: one.index)
        return Response(
            {"accepted": taken.accepted, "refused": [asdict(one) for one in every]}, status=202
        )


class ProfileView(APIView):
    """Where a shop's own system looks up one person."""

    permission_classes = [MayLook]
    required_scope = "profiles"

    @extend_schema(
        operation_id="read_profile",
        summary="Look up one person",
        description="By any identifier, as `user:17850`, or by a pseudonym, as `pseudonym:5f2c…`; "
        "by addresses and numbers with `POST /api/v1/profiles/lookup`. Somebody "
        "unknown, somebody who does not allow personalization, and a key without the scope are all "
        "answered with the same 404.",
        tags=["profiles"],
        parameters=[
            OpenApiParameter("named", str, OpenApiParameter.PATH, description="`kind:value`")
        ],
        responses={200: READ, 404: OpenApiResponse(description="Nobody, or nothing may be told")},
    )
    def get(self, request: Request, named: str) -> Response:
        """Answer with what may be told."""
        kind, _, value = named.partition(":")
        return _told(request, kind=kind, value=value)


class LookupView(APIView):
    """Where a shop's own system looks up one person without writing an address into a URL."""

    permission_classes = [MayLook]
    required_scope = "profiles"

    @extend_schema(
        operation_id="look_up_profile",
        summary="Look up one person by an address or a number",
        description="As `GET /api/v1/profiles/{named}`, with the identifier in the body: what "
        "stands in URLs stands in the logs of every server on the way.",
        tags=["profiles"],
        request={"application/json": LOOKUP},
        responses={200: READ, 404: OpenApiResponse(description="Nobody, or nothing may be told")},
    )
    def post(self, request: Request) -> Response:
        """Answer with what may be told."""
        stated = request.data if isinstance(request.data, dict) else {}
        wrong = [name for name in ("kind", "value") if not _is_text(stated, name)]
        if wrong:
            raise ValidationError({name: ["Use a text."] for name in wrong})
        return _told(request, kind=stated["kind"], value=stated["value"])


def _told(request: Request, *, kind: str, value: str) -> Response:
    pseudonym = pseudonym_of(kind, value)
    profile = find_profile(kind=kind, value=value)
    now = timezone.now()
    try:
        told = describe(profile, now=now) if profile else None
    except redis.RedisError as error:
        raise Unavailable("Choices cannot be read now. Ask again later.") from error
    if profile is None or told is None:
        raise NotFound(NOBODY)
    _write_down(told, profile_id=profile.pk, key=cast(ApiKey, request.auth), now=now)
    segments = reverse("memberships", args=[f"{PSEUDONYM}:{pseudonym}"])
    return Response({**told, "segments": segments}, headers={"Cache-Control": "private, no-store"})


def _is_text(stated: Mapping[str, Any], name: str) -> bool:
    return isinstance(stated.get(name), str) and bool(stated[name])


def _write_down(told: Mapping[str, Any], *, profile_id: int, key: ApiKey, now: datetime) -> None:
    kinds = dict.fromkeys(f"{one['kind']} (masked)" for one in told["identifiers"])
    seen_by = f"key {key.prefix}, {key.name}"
    note_look(profile_id=profile_id, seen_by=seen_by, fields=kinds, now=now)


def _people_in(data: Any) -> list[Any]:
    if not isinstance(data, dict):
        raise ValidationError({"profiles": ['Send one profile, or {"profiles": [...]}.']})
    if "profiles" not in data:
        return [data]
    if data.keys() != {"profiles"} or not isinstance(data["profiles"], list):
        raise ValidationError({"profiles": ["Send a list of profiles, and no field beside it."]})
    if len(data["profiles"]) > MOST_AT_ONCE:
        raise TooManyProfiles(f"Send at most {MOST_AT_ONCE:,} profiles at once.")
    return data["profiles"]


def _idempotency_key(request: Request, key: ApiKey) -> str:
    stated = request.headers.get("Idempotency-Key", "")
    if len(stated) > LONGEST_KEY:
        message = f"Use at most {LONGEST_KEY} characters."
        raise ValidationError({"Idempotency-Key": [message]})
    return f"{key.prefix}:{stated}" if stated else ""
