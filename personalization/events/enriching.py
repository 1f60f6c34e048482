"""Add to an event's context what can be known of where it happened; take out what must not stay."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from personalization.events.context import Surroundings, context_facts, split_url
from personalization.events.keepable import SURROGATE
from personalization.events.places import Place, country_code, place_of_address
from personalization.events.plain_parts import plain_part
from personalization.events.usual import Usual, as_sent

# What senders call a kind of device that has a name here.
DEVICES: Final[Mapping[str, str]] = {
    "ios": "mobile",
    "android": "mobile",
    "mobile": "mobile",
    "tablet": "tablet",
    "desktop": "desktop",
}
# An address is looked up and forgotten, of the others is kept what is made of them.
NOT_KEPT: Final = frozenset({"ip", "url", "utc_offset"})
YEARS: Final = range(1971, 9000)  # in which every time zone can be counted
# What a sender may tell of; an event with none of it is spared the work.
TELLING: Final = NOT_KEPT | {"referrer", "timezone", "user_agent", "device", "country", "region"}
LONGEST_URL: Final = 1_000
REMEMBERED: Final = 20_000
NOBODY: Final = Surroundings()


def with_context(raw: Any, *, around: Surroundings = NOBODY, now: datetime) -> Any:
    """Return the raw event with its context completed; what is no event stays as it is.

    `around` is what the call itself tells of the visitor; what the event states goes before it:
    url, referrer, timezone, utc_offset, user_agent, ip, device, country, region.
    """
    if isinstance(raw, Usual):
        if around is NOBODY and not _tells(raw.context_as_written):
            return raw
        raw = as_sent(raw)
    stated = raw.get("context") if isinstance(raw, dict) else None
    # What was read as JSON is a dict, and telling so costs less than asking for any mapping.
    if not isinstance(raw, dict) or not isinstance(stated, dict | None):
        return raw
    stated = stated or {}
    if (around is NOBODY or around == NOBODY) and TELLING.isdisjoint(stated):
        return raw
    seen = _completed(around, stated)
    facts = {
        **{name: value for name, value in stated.items() if name not in NOT_KEPT},
        **context_facts(seen, moment=_moment(raw, now=now)),
        **_address_parts(seen),
        **_device_stated(stated),
    }
    return {**raw, "context": facts} if facts or stated else raw


@lru_cache(maxsize=REMEMBERED)
def _tells(context: bytes) -> bool:
    """Return whether there is more to be made of this context, or to be looked at."""
    part = plain_part(context)
    return part is None or not TELLING.isdisjoint(part)


def _completed(around: Surroundings, stated: Mapping[str, Any]) -> Surroundings:
    offset = stated.get("utc_offset")
    is_number = isinstance(offset, int | float) and not isinstance(offset, bool)
    return replace(
        around,
        user_agent=_text(stated, "user_agent") or around.user_agent,
        place=_place(stated) or around.place,
        url=_text(stated, "url") or around.url,
        referrer=_referrer(stated) or around.referrer,
        time_zone=_text(stated, "timezone") or around.time_zone,
        utc_offset=offset if is_number else around.utc_offset,
    )


def _referrer(stated: Mapping[str, Any]) -> str:
    """Return the stated address; a sender that says "search" has done the work already."""
    referrer = _text(stated, "referrer")
    return referrer if "//" in referrer else ""


def _place(stated: Mapping[str, Any]) -> Place | None:
    place = place_of_address(_text(stated, "ip"))
    country = country_code(stated.get("country")) or place.country
    if not country:
        return None
    is_looked_up = country == place.country
    region = _text(stated, "region") or (place.region if is_looked_up else "")
    return Place(country, region, place.time_zone if is_looked_up else "")


def _address_parts(seen: Surroundings) -> dict[str, str]:
    """Return page and addresses without their query strings, which may hold anything."""
    url, came_from = split_url(seen.url), split_url(seen.referrer)
    if not url.netloc:
        return {}
    return {
        "page": url.path[:LONGEST_URL],
        "url": f"{url.scheme}://{url.netloc}{url.path}"[:LONGEST_URL],
        **({"referrer_host": came_from.netloc} if came_from.netloc else {}),
    }


def _device_stated(stated: Mapping[str, Any]) -> dict[str, str]:
    kind = DEVICES.get(_text(stated, "device").lower())
    return {"device": kind} if kind else {}


def _moment(raw: Mapping[str, Any], *, now: datetime) -> datetime:
    with suppress(TypeError, ValueError):
        occurred = datetime.fromisoformat(raw["occurred_at"]) if raw.get("occurred_at") else now
        if occurred.year in YEARS:
            return occurred if occurred.tzinfo else occurred.replace(tzinfo=UTC)
    return now  # the door says what is wrong with the time


def _text(stated: Mapping[str, Any], name: str) -> str:
    value = stated.get(name)
    # Half of a surrogate pair no parser takes; where it is kept, the door refuses it.
    return value if isinstance(value, str) and not SURROGATE.search(value) else ""
