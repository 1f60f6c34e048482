"""A MaxMind file of two networks, for want of MaxMind's own."""

from typing import Any, Final

from mmdb_writer import MMDBWriter
from netaddr import IPSet

LONDON: Final = "81.2.69.160"
NEW_YORK: Final = "2001:218::1"
UNKNOWN: Final = "192.0.2.1"


def places_file(path: str) -> str:
    """Write the file and return its path."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-City")
    writer.insert_network(IPSet(["81.2.69.0/24"]), _city("GB", "ENG", "Europe/London"))
    writer.insert_network(IPSet(["2001:218::/32"]), _city("US", "NY", "America/New_York"))
    writer.to_db_file(path)
    return path


def _city(country: str, region: str, time_zone: str) -> dict[str, Any]:
    return {
        "country": {"iso_code": country},
        "subdivisions": [{"iso_code": region}],
        "location": {"time_zone": time_zone},
    }
