"""GET /p.gif."""

import logging
import time
from base64 import b64decode
from math import ceil
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from personalization.access.keys import find_key
from personalization.access.throttling import seconds_to_wait, sender_of
from personalization.doors.pixel import event_of_load
from personalization.events.context import (
    Surroundings,
    is_bot,
    is_image_proxy,
    surroundings_of,
)
from personalization.events.enriching import NOBODY, with_context
from personalization.events.keepable import EventRefused
from personalization.events.leaving_out_bots import leave_out_bot
from personalization.events.tracking import track
from personalization.streams.stream import StreamUnavailable

logger = logging.getLogger(__name__)

SOURCE: Final = "pixel"
IMAGE: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
def pixel(request: HttpRequest) -> HttpResponse:
    """Answer a transparent dot, whatever became of the event: a reader must not see our faults."""
    answer = HttpResponse(IMAGE, "image/gif", headers={"Cache-Control": "private, no-store"})
    if request.method == "GET":  # a HEAD is a scanner's, and means nothing
        seconds = seconds_to_wait(sender_of(request, key=None), now=time.time())
        if seconds is not None:
            answer.status_code = 429
            answer.headers["Retry-After"] = str(ceil(seconds))
            return answer
        try:
            _track(request)
        except EventRefused as refusal:
            logger.info("A pixel was not kept: %s", refusal)
        except (StreamUnavailable, DatabaseError) as error:
            logger.warning("A pixel was lost: %s", error)
    return answer


def _track(request: HttpRequest) -> None:
    key = find_key(request.GET.get("key", ""))
    if key is None or "collect" not in key.scopes:
        raise EventRefused("key", "A key with the scope `collect` is needed.")
    visitor = request.visitor  # type: ignore[attr-defined]  # set by VisitorMiddleware
    now = timezone.now()
    event = event_of_load(
        request.GET.dict(),
        user_id=visitor.user_id,
        anonymous_id=visitor.anonymous_id,
        moment=now.isoformat(),
    )
    around = _around(request)
    if is_bot(around.user_agent):
        refused = leave_out_bot([str(event["type"])], source=SOURCE, now=now)
    else:
        located = with_context(event, around=around, now=now)
        refused = track([located], now=now, source=SOURCE).refused
    for refusal in refused:
        raise EventRefused(refusal.field, refusal.message)


def _around(request: HttpRequest) -> Surroundings:
    is_proxy = is_image_proxy(request.headers.get("User-Agent", ""))
    return NOBODY if is_proxy else surroundings_of(request)
