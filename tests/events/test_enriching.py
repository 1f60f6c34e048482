"""What an event's context says after the door, and what it no longer says."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from personalization.events.context import Surroundings
from personalization.events.enriching import with_context
from personalization.events.places import Place
from tests.factories import NOON, make_event
from tests.places import LONDON, places_file

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


def context_after(context: Any, **around: Any) -> Any:
    event = make_event(context=context)
    return with_context(event, around=Surroundings(**around), now=NOON).get("context")


def test_a_page_is_told_with_its_campaign_and_without_its_query() -> None:
    stated = {
        "url": "https://shop.example/lamps?token=secret&utm_source=letter#mine",
        "referrer": "https://www.google.com/search?q=my+illness",
        "timezone": "Europe/Paris",
    }

    assert context_after(stated, user_agent=FIREFOX, place=Place("FR")) == {
        "page": "/lamps",
        "url": "https://shop.example/lamps",
        "referrer": "search",
        "referrer_host": "www.google.com",
        "source": "letter",
        "timezone": "Europe/Paris",
        "time": "14:00",
        "hour": 14,
        "weekday": 0,
        "device": "desktop",
        "country": "FR",
    }


def test_an_address_is_looked_up_and_not_kept(settings: LazySettings, tmp_path: Path) -> None:
    settings.GEOIP_DATABASE = places_file(str(tmp_path / "places.mmdb"))

    context = context_after({"ip": LONDON})

    assert context == {
        "country": "GB",
        "region": "GB-ENG",
        "time": "13:00",
        "hour": 13,
        "weekday": 0,
    }
    assert context_after({"ip": "no address"}) == {}


def test_what_a_sender_has_worked_out_itself_stays() -> None:
    stated = {"device": "ios", "referrer": "search", "country": "GB", "colour": "red"}

    assert context_after(stated, user_agent=FIREFOX, place=Place("FR")) == {
        **stated,
        "device": "mobile",
    }


def test_a_sender_that_tells_nothing_gets_nothing() -> None:
    assert context_after(None) is None
    assert context_after({"campaign": "may"}) == {"campaign": "may"}


@pytest.mark.parametrize(
    "raw",
    [
        "nonsense",
        None,
        {"context": "text"},
        {"context": {"url": 7, "referrer": [], "timezone": {}, "utc_offset": "x", "ip": 3}},
        {"context": {"timezone": "Asia/Tokyo"}, "occurred_at": "0001-01-01T00:00:00+00:00"},
        {"context": {"timezone": "Asia/Tokyo"}, "occurred_at": "9999-12-31T23:59:59+00:00"},
        {"context": {"timezone": "Asia/Tokyo"}, "occurred_at": 7},
        {"context": {"url": "http://[", "referrer": "//["}},
    ],
)
def test_nothing_that_is_sent_makes_it_fail(raw: Any) -> None:
    with_context(raw, around=Surroundings(user_agent="\x00" * 9_999), now=NOON)
