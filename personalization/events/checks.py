"""Say at the start what the doors would only find out from a visitor."""

import re
from typing import Any, Final

import maxminddb
import pycountry
from django.conf import settings
from django.core.checks import CheckMessage, Error

ORIGIN: Final = re.compile(r"https?://[a-z0-9.\-]+(:\d+)?")


def check_places(**kwargs: Any) -> list[CheckMessage]:
    """Return an error where GEOIP_DATABASE names a file that is no MaxMind file."""
    if not settings.GEOIP_DATABASE:
        return []
    try:
        maxminddb.open_database(settings.GEOIP_DATABASE).close()
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        hint = "Name a MaxMind file such as GeoLite2-City.mmdb, or leave it empty."
        message = f"GEOIP_DATABASE cannot be read: {error}"
        return [Error(message, hint=hint, id="events.E001")]
    return []


def check_currency(**kwargs: Any) -> list[CheckMessage]:
    """Return an error where CURRENCY is none."""
    if pycountry.currencies.get(alpha_3=settings.CURRENCY) is not None:
        return []
    hint = "Use a code of ISO 4217 in capitals, such as GBP."
    return [Error(f"CURRENCY is {settings.CURRENCY!r}.", hint=hint, id="events.E003")]


def check_origins(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each of COLLECT_ORIGINS that no browser would ever send."""
    return [
        Error(
            f"{origin!r} in COLLECT_ORIGINS is no origin.",
            hint="Write scheme and host in small letters, no path: https://shop.example.",
            id="events.E002",
        )
        for origin in settings.COLLECT_ORIGINS
        if not ORIGIN.fullmatch(origin)
    ]
