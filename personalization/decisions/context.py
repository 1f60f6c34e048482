"""What is true of this request: page, device, referrer, campaign, place, time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest

from personalization.events.context import context_facts, surroundings_of, time_facts

# What a caller of the API may state; of the time zone the hour and the weekday are made.
NAMES: Final = frozenset(
    {
        "device",
        "category",
        "item",
        "page",
        "referrer",
        "campaign",
        "source",
        "medium",
        "country",
        "region",
        "latitude",
        "longitude",
        "time",
        "hour",
        "weekday",
        "timezone",
    }
)


def context_of(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """Return the context facts of a page request; what a view stated itself comes last.

    The hour is the visitor's where the place tells the time zone, and UTC elsewhere.
    """
    stated: Mapping[str, Any] = getattr(request, "personalization_context", {})
    around = replace(
        surroundings_of(request),
        url=request.build_absolute_uri(),
        referrer=request.headers.get("Referer", ""),
    )
    return {
        "device": "desktop",
        "page": request.path,
        **time_facts(now),
        **context_facts(around, moment=now),
        **stated,
    }
