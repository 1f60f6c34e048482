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


# The same as SQL; what is not put in yet are the two places.
METRES: Final = f"""(
 SELECT floor(2 * {EARTH_METRES}::float8 * asin(sqrt(least(1, along * along
  + cos(lower) * cos(upper) * across * across))) + 0.5)::numeric
 FROM (SELECT lower, upper, sin((upper - lower) / 2) AS along,
  sin((longitude - other) * {DEGREE}::float8 / 2) AS across
  FROM (SELECT {{latitude}} * {DEGREE}::float8 AS lower, {{longitude}} AS other,
   {{to_latitude}}::float8 * {DEGREE}::float8 AS upper,
   {{to_longitude}}::float8 AS longitude) AS places) AS halves)"""  # noqa: S608 - numbers of ours


def _is_number(value: Any, limit: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= limit
