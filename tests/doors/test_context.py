"""What each door can tell of where an event happened, and that it keeps no address."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from personalization.doors.pixel import pixel_address
from personalization.streams import stream
from tests.factories import agree, make_event, make_key
from tests.places import LONDON, places_file

pytestmark = pytest.mark.django_db
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
URL = "https://shop.example/lamps?utm_source=letter&token=secret"
GOOGLE = "https://www.google.com/"


@pytest.fixture(autouse=True)
def located(settings: LazySettings, tmp_path: Path) -> None:
    settings.GEOIP_DATABASE = places_file(str(tmp_path / "places.mmdb"))
    agree(user_id="anna")


def context_kept() -> dict[str, Any]:
    """Return the context of the one event that waits; its address must be gone."""
    ((_, _, (payload,)),) = stream.waiting()
    assert LONDON not in repr(payload)
    assert "secret" not in repr(payload)
    context: dict[str, Any] = payload[8]
    return context


def test_segments_context_is_read(client: Client) -> None:
    said = {
        "userAgent": IPHONE,
        "ip": LONDON,
        "page": {"url": URL, "path": "/lamps", "referrer": GOOGLE},
        "campaign": {"name": "spring", "medium": "email"},
    }
    body = {"userId": "anna", "event": "Looked", "messageId": "m", "context": said}
    basic = base64.b64encode(f"{make_key('events')}:".encode()).decode()

    client.post(
        "/v1/track",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {basic}", "User-Agent": "a server's"},
    )

    kept = context_kept()
    assert (kept["device"], kept["country"], kept["region"]) == ("mobile", "GB", "GB-ENG")
    assert (kept["page"], kept["referrer"]) == ("/lamps", "search")
    assert (kept["campaign"], kept["source"], kept["medium"]) == ("spring", "letter", "email")
    assert {"hour", "weekday"} <= kept.keys()


def test_googles_call_is_read(client: Client) -> None:
    body = {
        "client_id": "1.2",
        "user_id": "anna",
        "ip_override": LONDON,
        "device": {"category": "tablet"},
        "events": [
            {"name": "page_view", "params": {"page_location": URL, "page_referrer": GOOGLE}}
        ],
    }
    address = f"/mp/collect?measurement_id=G-1&api_secret={make_key('events')}"

    client.post(address, json.dumps(body), content_type="application/json")

    kept = context_kept()
    assert (kept["device"], kept["country"], kept["source"]) == ("tablet", "GB", "letter")
    assert (kept["page"], kept["referrer"]) == ("/lamps", "search")


def test_googles_location_goes_before_the_address(client: Client) -> None:
    body = {
        "client_id": "1.2",
        "user_id": "anna",
        "ip_override": LONDON,
        "user_location": {"country_id": "FR", "region_id": "FR-75"},
        "events": [{"name": "page_view"}],
    }
    address = f"/mp/collect?measurement_id=G-1&api_secret={make_key('events')}"

    client.post(address, json.dumps(body), content_type="application/json")

    kept = context_kept()
    assert (kept["country"], kept["region"]) == ("FR", "FR-75")


@pytest.mark.parametrize(
    ("agent", "expected"),
    [(IPHONE, {"device": "mobile", "country": "GB", "region": "GB-ENG"}), (PROXY, {})],
)
def test_a_pixel_tells_of_its_reader_but_not_of_a_mail_programmes_proxy(
    client: Client, agent: str, expected: dict[str, str]
) -> None:
    address = pixel_address(key=make_key("collect"), type="email_open", user_id="anna")

    client.get(address, headers={"User-Agent": agent}, REMOTE_ADDR=LONDON)

    kept = context_kept()
    assert {name: kept[name] for name in kept.keys() - {"time", "hour", "weekday"}} == expected


def test_a_server_tells_of_others_and_not_of_itself(client: Client) -> None:
    said = {"ip": LONDON, "user_agent": IPHONE, "timezone": "Asia/Tokyo"}

    client.post(
        "/api/v1/events",
        json.dumps(make_event(context=said)),
        content_type="application/json",
        headers={"Authorization": f"Api-Key {make_key('events')}", "User-Agent": "a server's"},
    )

    kept = context_kept()
    assert (kept["device"], kept["country"], kept["hour"]) == ("mobile", "GB", 21)
