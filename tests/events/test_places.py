"""Countries and regions, from a MaxMind file and from a CDN's header."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.test import RequestFactory

from personalization.events.places import NOWHERE, Place, place_of_address, place_of_request
from tests.places import LONDON, NEW_YORK, UNKNOWN, places_file


@pytest.fixture
def located(settings: LazySettings, tmp_path: Path) -> None:
    settings.GEOIP_DATABASE = places_file(str(tmp_path / "places.mmdb"))


@pytest.mark.usefixtures("located")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        (LONDON, Place("GB", "GB-ENG", "Europe/London")),
        (NEW_YORK, Place("US", "US-NY", "America/New_York")),
        (UNKNOWN, NOWHERE),
        ("", NOWHERE),
        ("no address", NOWHERE),
    ],
)
def test_an_address_is_looked_up(address: str, place: Place) -> None:
    assert place_of_address(address) == place


def test_without_a_file_nothing_is_known() -> None:
    assert place_of_address(LONDON) == NOWHERE


def test_the_header_of_a_trusted_cdn_goes_before_the_file(
    located: None, settings: LazySettings
) -> None:
    settings.COUNTRY_HEADER = "CF-IPCountry"

    def place(header: str) -> Place:
        request = RequestFactory().get("/", REMOTE_ADDR=LONDON, headers={"CF-IPCountry": header})
        return place_of_request(request)

    assert place("FR") == Place("FR")
    assert place("gb") == Place("GB", "GB-ENG", "Europe/London")
    assert place("XX").country == place("").country == place("<script>").country == "GB"


def test_a_country_header_is_not_trusted_unless_a_setting_says_so() -> None:
    request = RequestFactory().get("/", headers={"CF-IPCountry": "FR"})

    assert place_of_request(request) == NOWHERE


def test_an_address_written_by_the_client_is_not_looked_up(
    located: None, settings: LazySettings
) -> None:
    asked = RequestFactory().get("/", REMOTE_ADDR=LONDON, headers={"X-Forwarded-For": NEW_YORK})

    assert place_of_request(asked).country == "GB"
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    assert place_of_request(asked).country == "US"


def test_a_file_that_is_none_is_named_at_the_start(settings: LazySettings, tmp_path: Path) -> None:
    settings.GEOIP_DATABASE = str(tmp_path / "missing.mmdb")

    (error,) = (one for one in run_checks() if one.id == "events.E001")

    assert "GEOIP_DATABASE" in error.msg
    assert place_of_address(LONDON) == NOWHERE


@pytest.mark.parametrize("wrong", ["https://shop.example/", "shop.example", "*"])
def test_an_origin_that_no_browser_sends_is_named_at_the_start(
    settings: LazySettings, wrong: str
) -> None:
    settings.COLLECT_ORIGINS = ["https://shop.example", wrong]

    (error,) = (one for one in run_checks() if one.id == "events.E002")

    assert repr(wrong) in error.msg
