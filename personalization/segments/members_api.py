"""GET /api/v1/segments/{key}/members and GET /api/v1/profiles/{kind}:{value}/segments."""

from dataclasses import asdict
from typing import Any, Final

import redis
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.checking import choices_behind
from consent.purposes import OPTIONAL, PERSONALIZATION
from personalization.identifiers.kinds import current_kinds
from personalization.profiles.describing import PSEUDONYM, pseudonym_of
from personalization.profiles.models import Profile
from personalization.rules.querying import NotCountable
from personalization.segments.api_publishing import caller
from personalization.segments.api_reading import read_number, read_purpose, segment_of
from personalization.segments.api_schemas import MEMBERS, MEMBERSHIPS, PROBLEM
from personalization.segments.asking import known_of
from personalization.segments.belonging import reasons
from personalization.segments.history import record
from personalization.segments.members import FEWEST, Member, NotLive, TooFew, members_page
from personalization.segments.models import LiveEntry
from personalization.segments.page_cursors import Cursor, UnknownCursor, read_cursor, written
from personalization.segments.publishing import current_document

MOST: Final = 1_000
UNKNOWN: Final = "There is nobody of whom we may tell this."


class NotGiven(APIException):
    """The members are not given; the message says why."""

    status_code = 409
    default_code = "not_given"


class Unavailable(APIException):
    """Nobody can say now who agreed."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "It cannot be told now who agreed, so nobody is named. Try again."
    wait = 5  # seconds, sent as Retry-After


class MembersView(APIView):
    """Who is in a segment."""

    required_scope = "segments"

    @extend_schema(
        operation_id="list_members",
        summary="List who is in a live segment",
        description="In the order of profiles; only who agreed to the purpose. A page may be short,"
        " even empty, before the end: go on while `next_after` is a text. It is good for a day and"
        " until the segment is published anew. Fewer than ten are not given.",
        tags=["segments"],
        parameters=[
            OpenApiParameter(
                "after", OpenApiTypes.STR, description="`next_after` of the last page"
            ),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {MOST}; {MOST}"),
            OpenApiParameter("purpose", OpenApiTypes.STR, enum=list(OPTIONAL)),
        ],
        responses={200: MEMBERS, 409: PROBLEM},
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with a page."""
        asked, now = request.query_params, timezone.now()
        segment_of(key)
        limit = read_number(asked, "limit", default=MOST, least=1, largest=MOST)
        purpose = read_purpose(asked)
        about = _about(key, purpose)
        after = _position(asked.get("after", ""), about)
        try:
            page = members_page(key=key, purpose=purpose, after=after, limit=limit, now=now)
        except (NotLive, TooFew, NotCountable) as error:
            raise NotGiven(str(error)) from error
        except redis.RedisError as error:
            raise Unavailable from error
        if not after.position:
            said = f"Members read through the API, for the purpose “{purpose}”."
            record(key=key, said=said, by=caller(request), now=now)
        shown = [_member(one) for one in page.members]
        following = page.next_after
        text = None if following is None else written(following, about=about)
        return Response({"members": shown, "next_after": text})


class MembershipsView(APIView):
    """In which segments somebody is, and why."""

    required_scope = "segments"

    @extend_schema(
        operation_id="list_memberships",
        summary="Say in which live segments a profile is, and why",
        description="`who` is a kind and a value, such as `user:17850`. With `all` also those it is"
        " not in. Somebody unknown, or who did not agree to personalization, is answered alike.",
        tags=["segments"],
        parameters=[
            OpenApiParameter("who", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter("all", OpenApiTypes.BOOL),
        ],
        responses={200: MEMBERSHIPS, 404: PROBLEM},
    )
    def get(self, request: Request, who: str) -> Response:
        """Answer with each segment's verdict and its conditions."""
        profile = _profile(who)
        version, document = current_document()
        known = known_of(profile, context={}, now=timezone.now())
        found = reasons(segments=document["segments"], known=known)
        is_all = request.query_params.get("all", "").lower() in ("1", "true")
        shown = [
            {"key": key, "name": name, "is_member": why.holds, "because": asdict(why)}
            for key, name, why in found
            if is_all or why.holds is not False
        ]
        return Response({"version": version, "segments": shown})


def _about(key: str, purpose: str) -> str:
    """Return what a cursor is for: another version of the segment is another list."""
    entries = LiveEntry.objects.filter(section="segments", key=key)
    return f"{key}/{purpose}/{entries.values_list('version', flat=True).first()}"


def _position(text: str, about: str) -> Cursor:
    try:
        return read_cursor(text, about=about, most=FEWEST) if text else Cursor()
    except UnknownCursor as error:
        raise ValidationError({"after": [str(error)]}) from error


def _profile(who: str) -> Profile:
    kind, _, value = who.partition(":")
    pseudonym = "" if "\x00" in value else pseudonym_of(kind, value)
    if not pseudonym:
        named = ", ".join(f"{one}:…" for one in (*current_kinds().keys, PSEUDONYM))
        raise ValidationError({"who": [f"Name somebody by one of {named}."]})
    profile = Profile.objects.filter(identifiers__pseudonym=pseudonym).first()
    names = profile.identifiers.values_list("pseudonym", flat=True) if profile else ()
    try:
        (choices,) = choices_behind([list(names)])
    except redis.RedisError as error:
        raise Unavailable from error
    if profile is None or not choices.allows(PERSONALIZATION):
        raise NotFound(UNKNOWN)
    return profile


def _member(member: Member) -> dict[str, Any]:
    names = [{"kind": kind, "pseudonym": name} for kind, name in member.identifiers]
    return {"profile": member.profile_id, "identifiers": names}
