"""Global Privacy Control: a browser's standing refusal of advertising and sale (CCPA § 7025(c))."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import redis
from django.http import HttpRequest

from consent.checking import choices_of_many
from consent.proving import MECHANISM_GPC
from consent.purposes import REFUSED_BY_GPC
from consent.recording import record_choices
from consent.subjects import Subject

logger = logging.getLogger(__name__)


def sends_gpc(request: HttpRequest) -> bool:
    """Return whether the browser refuses on its own accord."""
    return request.headers.get("Sec-GPC") == "1"


def record_gpc(subject: Subject, *, request_meta: Mapping[str, Any], now: datetime) -> None:
    """Record the refusal for each identifier that has not refused yet: browser and account.

    A subject without identifiers is nobody we know, and nothing is kept. While Redis is down
    nothing is recorded; the refusal counts for the request all the same.
    """
    each = [Subject((identifier,)) for identifier in subject.identifiers]
    try:
        known = choices_of_many(each)
    except redis.RedisError as error:
        logger.warning("Sec-GPC is obeyed, and will be recorded later: %s", error)
        return
    for one, choices in zip(each, known, strict=True):
        if not choices.denied >= REFUSED_BY_GPC:
            record_choices(
                subject=one,
                choices=dict.fromkeys(sorted(REFUSED_BY_GPC), False),
                mechanism=MECHANISM_GPC,
                request_meta=request_meta,
                now=now,
            )
