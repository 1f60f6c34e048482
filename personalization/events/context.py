"""What is true around an event or a request: device, campaign, referrer, local time, place.

Rules read facts of the same names; those that they may read stand in `segments/vocabulary.py`.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ua_parser import parse

from personalization.events.places import NOWHERE, Place, place_of_request
from personalization.events.referrers import kind_of_referrer

LONGEST_AGENT: Final = 512
LONGEST_TEXT: Final = 100
TABLETS: Final = frozenset({"iPad", "Kindle", "BlackBerry Playbook", "HP TouchPad"})
PHONE_SYSTEMS: Final = frozenset(
    {"iOS", "Windows Phone", "BlackBerry OS", "KaiOS", "Firefox OS", "HarmonyOS", "Symbian OS"}
)
BOT: Final = "bot"
# The family that ua-parser gives the devices of crawlers, previewers and monitors.
SPIDER: Final = "Spider"
# Browsers that a program drives, and nobody looks at.
HEADLESS: Final = frozenset({"HeadlessChrome", "PhantomJS"})
# These load the images of a mail for its reader, whose browser and place they are not; ua-parser
# takes some of them for spiders.
IMAGE_PROXIES: Final = ("GoogleImageProxy", "YahooMailProxy")
CAMPAIGN: Final[Mapping[str, str]] = {
    "utm_campaign": "campaign",
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_term": "term",
    "utm_content": "content",
}
FARTHEST_OFFSET: Final = 14 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sender tells of where it is; what is empty or None it does not tell.

    time_zone: an IANA name. utc_offset: minutes east of Greenwich, counted where the name is not
    known.
    """

    user_agent: str = ""
    place: Place = NOWHERE
    url: str = ""
    referrer: str = ""
    time_zone: str = ""
    utc_offset: float | None = None


def surroundings_of(request: HttpRequest) -> Surroundings:
    """Return the browser and the place that this request comes from."""
    return Surroundings(
        user_agent=request.headers.get("User-Agent", ""), place=place_of_request(request)
    )


def context_facts(around: Surroundings, *, moment: datetime) -> dict[str, Any]:
    """Return every fact that can be known; of what is not known there is none."""
    zone = zone_of(around.time_zone or around.place.time_zone, around.utc_offset)
    url = split_url(around.url)
    return {
        **({"device": device(around.user_agent)} if around.user_agent else {}),
        **_came_from(around, host=url.netloc),
        **campaign(url.query),
        **(time_facts(moment.astimezone(zone)) if zone else {}),
        **{
            name: stated
            for name, stated in (("country", around.place.country), ("region", around.place.region))
            if stated
        },
    }


def _came_from(around: Surroundings, *, host: str) -> dict[str, str]:
    # Who does not tell the page either has not come directly: it is not known.
    is_known = bool(host or around.referrer)
    return {"referrer": referrer(around.referrer, host=host)} if is_known else {}


def time_facts(local: datetime) -> dict[str, int | str]:
    """Return the time such as 09:30, the hour (0 to 23) and the weekday (0 is Monday)."""
    return {"time": f"{local:%H:%M}", "hour": local.hour, "weekday": local.weekday()}


def zone_of(name: str, utc_offset: float | None = None) -> tzinfo | None:
    """Return the zone of this IANA name, or of this offset in minutes; None where neither is."""
    # Names come from outside: one that is none is a KeyError, a path out of the data a ValueError.
    with suppress(KeyError, ValueError, OSError):
        if name:
            return ZoneInfo(name)
    # Asked this way round, an offset that is not a number is none.
    if utc_offset is not None and abs(utc_offset) <= FARTHEST_OFFSET:
        return timezone(timedelta(minutes=utc_offset))
    return None


def device(user_agent: str) -> str:
    """Return mobile, tablet, desktop or bot; desktop where the browser does not say."""
    if is_bot(user_agent):
        return BOT
    found = parse(user_agent[:LONGEST_AGENT])
    system = found.os.family if found.os else ""
    if (found.device.family if found.device else "") in TABLETS:
        return "tablet"
    if system == "Android":  # its browsers say "Mobile" on phones, and on tablets do not
        return "mobile" if "Mobile" in user_agent else "tablet"
    return "mobile" if system in PHONE_SYSTEMS else "desktop"


def is_bot(user_agent: str) -> bool:
    """Return whether a program asks for itself; what fetches for a person is none."""
    if is_image_proxy(user_agent):
        return False
    found = parse(user_agent[:LONGEST_AGENT])
    browser = found.user_agent.family if found.user_agent else ""
    return (found.device.family if found.device else "") == SPIDER or browser in HEADLESS


def is_image_proxy(user_agent: str) -> bool:
    """Return whether a mail programme's server loads an image for a reader."""
    return any(name in user_agent for name in IMAGE_PROXIES)


def referrer(url: str, *, host: str) -> str:
    """Return where the visitor comes from: direct, internal, search, social or other."""
    if not url:
        return "direct"
    return kind_of_referrer(split_url(url), host=host)


def campaign(query: str) -> dict[str, str]:
    """Return the parts of the campaign that this query string names."""
    stated = parse_qs(query) if "utm_" in query else {}
    return {
        ours: stated[theirs][0].replace("\x00", "")[:LONGEST_TEXT]
        for theirs, ours in CAMPAIGN.items()
        if theirs in stated
    }


def split_url(url: str) -> SplitResult:
    """Return the parts of an address; all are empty where it is none."""
    with suppress(ValueError):
        return urlsplit(url)
    return urlsplit("")
