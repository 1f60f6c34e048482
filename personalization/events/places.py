"""Where in the world an address is: a MaxMind file, or the country header of a trusted CDN."""

import ipaddress
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import maxminddb
from django.conf import settings
from django.http import HttpRequest

from consent.proving import client_address

logger = logging.getLogger(__name__)

COUNTRY: Final = re.compile(r"[A-Z]{2}")
# What CDNs write where they do not know, and for Tor.
NO_COUNTRY: Final = frozenset({"XX", "T1", "ZZ"})


@dataclass(frozen=True, slots=True)
class Place:
    """Country (ISO 3166-1), region (ISO 3166-2) and IANA time zone; empty: not known."""

    country: str = ""
    region: str = ""
    time_zone: str = ""


NOWHERE: Final = Place()


def place_of_request(request: HttpRequest) -> Place:
    """Return where the sender of this request is; its address is looked up and not kept."""
    place = place_of_address(client_address(request.META))
    stated = request.headers.get(settings.COUNTRY_HEADER, "") if settings.COUNTRY_HEADER else ""
    country = country_code(stated)
    if not country or country == place.country:
        return place
    return Place(country)


def place_of_address(address: str) -> Place:
    """Return what the MaxMind file says of this address; without a file nothing is known."""
    reader = _reader(settings.GEOIP_DATABASE) if settings.GEOIP_DATABASE else None
    try:
        found = reader.get(ipaddress.ip_address(address)) if reader else None
    except ValueError:  # no address, or IPv6 in a file of IPv4
        return NOWHERE
    return _read(found) if isinstance(found, Mapping) else NOWHERE


def country_code(stated: object) -> str:
    """Return the two letters of a country; empty where this is none."""
    written = stated.strip().upper() if isinstance(stated, str) else ""
    return written if COUNTRY.fullmatch(written) and written not in NO_COUNTRY else ""


@cache
def _reader(path: str) -> maxminddb.Reader | None:
    try:
        return maxminddb.open_database(path)
    except (OSError, maxminddb.InvalidDatabaseError):
        # `check` says so too; a door is not shut because a map is missing.
        logger.exception("GEOIP_DATABASE %s cannot be read; places stay unknown.", path)
        return None


def _read(found: Mapping[str, Any]) -> Place:
    country = country_code(_at(found, "country", "iso_code"))
    place = Place(country, time_zone=str(_at(found, "location", "time_zone") or ""))
    divisions = found.get("subdivisions")
    first = divisions[0] if isinstance(divisions, list) and divisions else {}
    code = first.get("iso_code") if isinstance(first, Mapping) else None
    return replace(place, region=f"{country}-{code}") if country and code else place


def _at(found: Mapping[str, Any], *names: str) -> Any:
    value: Any = found
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
