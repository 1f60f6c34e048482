"""What is true of this request: page, device, referrer, campaign, time."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest

NAMES: Final = frozenset(
    {
        "device",
        "category",
        "item",
        "page",
        "referrer",
        "campaign",
        "country",
        "region",
        "latitude",
        "longitude",
        "time",
        "hour",
        "weekday",
    }
)
TABLET: Final = re.compile(r"ipad|tablet|kindle|playbook|android(?!.*mobile)", re.IGNORECASE)
MOBILE: Final = re.compile(r"mobi|iphone|ipod|android", re.IGNORECASE)
SEARCH: Final = re.compile(r"(^|\.)(google|bing|duckduckgo|yahoo|ecosia|qwant|yandex|baidu)\.")
SOCIAL: Final = re.compile(
    r"(^|\.)(facebook|instagram|pinterest|linkedin|tiktok|reddit|youtube|x|t|mastodon)\."
)


def context_of(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """Return the context facts of a page request; what a view stated itself comes last."""
    stated: Mapping[str, Any] = getattr(request, "personalization_context", {})
    found = {
        "device": device(request.headers.get("User-Agent", "")),
        "page": request.path,
        "referrer": referrer(request.headers.get("Referer", ""), host=request.get_host()),
        **time_facts(now),
    }
    campaign = request.GET.get("utm_campaign", "")[:100]
    return {**found, **({"campaign": campaign} if campaign else {}), **stated}


def time_facts(now: datetime) -> dict[str, int | str]:
    """Return the time such as 09:30, the hour (0 to 23) and the weekday (0 is Monday)."""
    return {"time": f"{now:%H:%M}", "hour": now.hour, "weekday": now.weekday()}


def device(user_agent: str) -> str:
    """Return mobile, tablet or desktop."""
    if TABLET.search(user_agent):
        return "tablet"
    return "mobile" if MOBILE.search(user_agent) else "desktop"


def referrer(url: str, *, host: str) -> str:
    """Return where the visitor comes from: direct, internal, search, social or other."""
    if not url:
        return "direct"
    source = urlsplit(url).netloc.lower()
    if source == host.lower():
        return "internal"
    if SEARCH.search(source):
        return "search"
    return "social" if SOCIAL.search(source) else "other"
