"""Where visitors are, and how far from somewhere, alike in Python and SQL."""

import math
from typing import Any, Final, NamedTuple

EARTH_METRES: Final = 6_371_008.8
# Written out, because what a database takes for radians() may differ in the last digit.
DEGREE: Final = 0.017453292519943295
POLE: Final = 90
DATE_LINE: Final = 180


class Point(NamedTuple):
    """A place, in degrees."""

    latitude: float
    longitude: float


class Box(NamedTuple):
    """Between which latitudes and longitudes a place is; None: any longitude."""

    south: float
    north: float
    west: float | None
    east: float | None


def is_on_earth(latitude: Any, longitude: Any) -> bool:
    """Whether these are two numbers that name a place."""
    return _is_number(latitude, POLE) and _is_number(longitude, DATE_LINE)


def metres_between(one: Point, other: Point) -> int:
    """Return the distance over a round earth in whole metres, by the haversine formula."""
    lower, upper = one.latitude * DEGREE, other.latitude * DEGREE
    across = math.sin((other.longitude - one.longitude) * DEGREE / 2)
    along = math.sin((upper - lower) / 2)
    share = along * along + math.cos(lower) * math.cos(upper) * across * across
    # Whole metres: the last digits of a sine are not the same on every machine.
    return math.floor(2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, share))) + 0.5)


def box_around(centre: Point, metres: float) -> Box:
    """Return a box that has every place within so many metres in it.

    Its sides are None where it has a pole in it or goes over the date line.
    """
    # More than the half metre that is rounded away, and than what a sine can be wrong by.
    angle = (metres + 1) / EARTH_METRES
    latitude = centre.latitude * DEGREE
    south, north = ((latitude + one) / DEGREE for one in (-angle, angle))
    if max(-south, north) >= POLE:
        return Box(south, north, None, None)
    half = math.asin(min(1.0, math.sin(angle) / math.cos(latitude))) / DEGREE
    west, east = centre.longitude - half, centre.longitude + half
    if max(-west, east) >= DATE_LINE:
        return Box(south, north, None, None)
    return Box(south, north, west, east)


# The same distance as SQL; what is not put in yet are the two places. In one expression: for a
# subquery, however small, PostgreSQL expects so much work that it compiles the statement first.
LOWER: Final = f"{{latitude}} * {DEGREE}::float8"
UPPER: Final = f"{{to_latitude}}::float8 * {DEGREE}::float8"
ALONG: Final = f"sin(({UPPER} - {LOWER}) / 2)"
ACROSS: Final = f"sin(({{to_longitude}}::float8 - {{longitude}}) * {DEGREE}::float8 / 2)"
METRES: Final = (
    f"floor(2 * {EARTH_METRES}::float8 * asin(sqrt(least(1, {ALONG} * {ALONG}"
    f" + cos({LOWER}) * cos({UPPER}) * {ACROSS} * {ACROSS}))) + 0.5)"
)


def _is_number(value: Any, limit: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= limit
