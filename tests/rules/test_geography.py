"""A box around a place has everything in it that is near."""

import math

import pytest

from personalization.rules.geography import (
    DEGREE,
    EARTH_METRES,
    Point,
    box_around,
    metres_between,
)


@pytest.mark.parametrize(
    "centre",
    [(0, 0), (52.52, 13.4), (-77, -179.99), (89.9, 10), (12, 180), (90, 0), (-33.3, 179.2)],
)
@pytest.mark.parametrize("metres", [0, 1, 900, 100_000, 5_000_000, 20_040_000])
def test_no_place_so_near_is_outside_the_box(centre: tuple[float, float], metres: int) -> None:
    middle, inside = Point(*centre), 0
    box = box_around(middle, metres)
    for share in (0.0, 0.5, 0.999_999, 1.0):
        for turn in range(24):
            place = _place(middle, metres * share, turn * 0.2618)
            if metres_between(middle, place) <= metres:
                inside += 1
                assert box.south <= place.latitude <= box.north
                assert (
                    box.west is None
                    or box.east is None
                    or (box.west <= place.longitude <= box.east)
                )
    assert inside


def _place(centre: Point, metres: float, bearing: float) -> Point:
    """Return where one comes to who goes so far in this direction."""
    angle, latitude = metres / EARTH_METRES, centre.latitude * DEGREE
    up = math.sin(latitude) * math.cos(angle)
    to = math.asin(
        max(-1.0, min(1.0, up + math.cos(latitude) * math.sin(angle) * math.cos(bearing)))
    )
    across = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(latitude),
        math.cos(angle) - math.sin(latitude) * math.sin(to),
    )
    return Point(to / DEGREE, (centre.longitude + across / DEGREE + 540) % 360 - 180)
