"""What is true of a request."""

import pytest
from django.test import RequestFactory

from personalization.decisions.context import context_of, device, referrer
from tests.factories import NOON

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537"
)
TABLET = "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/131.0 Safari/537"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (IPHONE, "mobile"),
        (ANDROID, "mobile"),
        (IPAD, "tablet"),
        (TABLET, "tablet"),
        (DESKTOP, "desktop"),
        ("", "desktop"),
    ],
)
def test_a_device_is_told_by_its_browser(agent: str, kind: str) -> None:
    assert device(agent) == kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("", "direct"),
        ("https://shop.example/items/1/", "internal"),
        ("https://www.google.com/search?q=lantern", "search"),
        ("https://m.facebook.com/", "social"),
        ("https://notgoogle.example/", "other"),
        ("https://t.co/x", "social"),
        ("not a url", "other"),
    ],
)
def test_a_referrer_is_told_by_its_host(url: str, kind: str) -> None:
    assert referrer(url, host="shop.example") == kind


def test_a_page_request_has_its_context_and_what_the_view_states_wins() -> None:
    request = RequestFactory().get(
        "/items/1/?utm_campaign=spring", headers={"User-Agent": IPHONE, "Referer": ""}
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
        "category": "bags",
    }
