"""What is true of the request of a page."""

from zoneinfo import ZoneInfo

from django.conf import LazySettings
from django.test import RequestFactory

from personalization.decisions.context import context_of
from tests.factories import NOON
from tests.places import LONDON, NEW_YORK, places_file

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


def test_a_page_request_has_its_context_and_what_the_view_states_wins() -> None:
    request = RequestFactory().get(
        "/items/1/?utm_campaign=spring&utm_source=letter&utm_medium=email",
        headers={"User-Agent": IPHONE, "Referer": ""},
    )
    request.personalization_context = {"category": "bags"}  # type: ignore[attr-defined]

    assert context_of(request, now=NOON) == {
        "device": "mobile",
        "page": "/items/1/",
        "referrer": "direct",
        "time": "12:00",
        "hour": 12,
        "weekday": 0,
        "campaign": "spring",
        "source": "letter",
        "medium": "email",
        "category": "bags",
    }


def test_the_hour_is_the_visitors_where_the_place_tells_the_time_zone(
    settings: LazySettings, tmp_path: object
) -> None:
    settings.GEOIP_DATABASE = places_file(f"{tmp_path}/places.mmdb")
    here = context_of(RequestFactory().get("/", REMOTE_ADDR=LONDON), now=NOON)
    there = context_of(RequestFactory().get("/", REMOTE_ADDR=NEW_YORK), now=NOON)

    assert (here["country"], here["region"], here["hour"]) == ("GB", "GB-ENG", 13)
    assert (there["country"], there["region"]) == ("US", "US-NY")
    assert there["hour"] == NOON.astimezone(ZoneInfo("America/New_York")).hour
