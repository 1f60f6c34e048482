"""POST /t: what the browser script sends, from our own pages and from those of other sites."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

import redis
from django.conf import settings
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalization.access.errors import Unavailable
from personalization.access.models import ApiKey
from personalization.access.unpacking import PackedEventsParser
from personalization.access.write_keys import QueryKeyAuthentication
from personalization.doors.browser import Sent, Who, as_translated, read_call
from personalization.doors.portions import within_one
from personalization.doors.stated_choices import take_choices
from personalization.doors.translated import Outcome, Translated, take_in
from personalization.events.context import Surroundings, is_bot, surroundings_of
from personalization.events.leaving_out_bots import leave_out_bot
from personalization.streams.stream import StreamUnavailable

SOURCE: Final = "page"
REFUSALS: Final = frozenset({401, 403, 429})
NOT_LISTED: Final = "Pages of {origin} may not send here. List it in COLLECT_ORIGINS."


class BrowserView(APIView):
    """Take a batch in. The body is plain text, so that browsers ask no permission beforehand."""

    authentication_classes = [QueryKeyAuthentication]
    parser_classes = [PackedEventsParser]
    required_scope = "collect"

    @extend_schema(exclude=True)  # who writes a sender of their own uses /api/v1/events
    def post(self, request: Request) -> Response:
        """Answer 202 with the count accepted and the refusals."""
        origin = foreign_origin(request)
        if origin and origin not in settings.COLLECT_ORIGINS:
            raise PermissionDenied(NOT_LISTED.format(origin=origin))
        sent = read_call(request.data)
        who = _who(sent, request, is_foreign=bool(origin))
        try:
            return self._taken(sent, who, request)
        except (StreamUnavailable, redis.RedisError) as error:
            raise Unavailable("Not all was taken. Send it again later; it counts once.") from error

    def _taken(self, sent: Sent, who: Who, request: Request) -> Response:
        now = timezone.now()
        if who.is_named:
            take_choices(
                who.anonymous_id,
                granted=sent.granted,
                refused=sent.refused,
                vouched=cast(ApiKey, request.auth).vouched_purposes,
                gpc=request.gpc,  # type: ignore[attr-defined]  # ConsentMiddleware
                now=now,
            )
        outcome = _outcome(
            [as_translated(event, who=who) for event in sent.events],
            around=surroundings_of(request),
            now=now,
        )
        refused = [
            {"index": one.index, "field": one.field, "message": one.message}
            for one in outcome.refused
        ]
        return Response({"accepted": outcome.accepted, "refused": refused}, status=202)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Let pages of listed sites read the answer; no cookie of theirs is ever read.

        A refusal is read by pages of any site: unread, it would look to the script as if the line
        were gone, and it would try for ever.
        """
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Origin"])
        origin = foreign_origin(request)
        if origin in settings.COLLECT_ORIGINS or (origin and final.status_code in REFUSALS):
            final.headers["Access-Control-Allow-Origin"] = origin
            final.headers["Access-Control-Expose-Headers"] = "Retry-After"
        return final


def _outcome(messages: Sequence[Translated], *, around: Surroundings, now: datetime) -> Outcome:
    if is_bot(around.user_agent):
        types = [str(one.events[0]["type"]) if one.events else "" for one in messages]
        return Outcome(0, leave_out_bot(types, source=SOURCE, now=now))
    return take_in(list(within_one(messages)), now=now, source=SOURCE, around=around)


def foreign_origin(request: Request) -> str:
    """Return the site whose page asks; empty: one of ours, or no page at all."""
    origin = request.headers.get("Origin", "")
    own = f"{request.scheme}://{request.get_host()}"
    return "" if origin == own else origin


def _who(sent: Sent, request: Request, *, is_foreign: bool) -> Who:
    if sent.visitor:
        return Who(sent.visitor, is_named=True)
    if is_foreign:
        # A cookie that came along says who asks us, not whom the foreign page speaks for.
        raise ValidationError({"visitor": ["A page of another site names its visitor."]})
    visitor = request.visitor  # type: ignore[attr-defined]  # set by VisitorMiddleware
    return Who(visitor.anonymous_id, visitor.user_id)
