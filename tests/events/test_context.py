"""What is true around an event or a request."""

import pytest
from django.conf import LazySettings

from personalization.events.context import Surroundings, context_facts, device, referrer
from tests.factories import NOON

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537"
)
TABLET = "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/131.0 Safari/537"
KINDLE = "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 Silk/128.3 like Chrome/128"
CHROMEBOOK = "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/131 Safari/537"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"


# As their makers publish them: Google's as a telephone and as itself, Microsoft's, OpenAI's, Meta's
# for previews, a monitor, a browser that a program drives.
BOTS = (
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 "
    "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; "
    "+http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/131.0.0.0 Safari/537.36",
)
# Who fetches the images of a mail fetches them for its reader; a Cubot is a telephone.
PEOPLE = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Mozilla/5.0 (Linux; Android 10; Cubot X30) AppleWebKit/537.36 Chrome/90 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36",
    "",
)


@pytest.mark.parametrize("agent", BOTS)
def test_programs_that_ask_for_themselves_are_bots(agent: str) -> None:
    assert device(agent) == "bot"


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_and_what_fetches_for_them_are_none(agent: str) -> None:
    assert device(agent) != "bot"


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
        ("https://[broken", "other"),
        ("https://www.shop.example/", "internal"),
        ("https://SHOP.example:443/", "internal"),
        ("https://blog.shop.example/", "internal"),
        ("https://othershop.example/", "other"),
        ("https://mail.google.com/", "other"),
        ("https://mail.yahoo.com/", "other"),
        ("https://www.google.co.uk/", "search"),
        ("https://google.com.au/", "search"),
        ("https://de.search.yahoo.com/", "search"),
        ("https://google.com.evil.example/", "other"),
        ("android-app://com.google.android.googlequicksearchbox/", "search"),
        ("https://t.example.com/", "other"),
        ("https://x.example/", "other"),
        ("https://l.instagram.com/", "social"),
        ("https://www.pinterest.co.uk/", "social"),
        ("https://mastodon.social/@a", "social"),
    ],
)
def test_a_referrer_is_told_by_its_host(url: str, kind: str) -> None:
    assert referrer(url, host="shop.example") == kind


def test_pages_above_ours_and_listed_sites_are_ours(settings: LazySettings) -> None:
    assert referrer("https://s.example/", host="www.s.example:8000") == "internal"
    assert referrer("https://news.other.example/", host="s.example") == "other"

    settings.COLLECT_ORIGINS = ["https://news.other.example", "https://s.example"]

    assert referrer("https://news.other.example/", host="s.example") == "internal"


def test_a_name_that_only_begins_like_a_device_is_told_by_its_system() -> None:
    assert device(KINDLE) == "tablet"
    assert device(CHROMEBOOK) == "desktop"


@pytest.mark.parametrize(
    ("name", "offset", "time"),
    [
        ("America/New_York", None, "08:00"),
        ("Asia/Kolkata", -60, "17:30"),
        ("", -300, "07:00"),
        ("Nowhere/Land", 120, "14:00"),
        ("../../etc/passwd", 120, "14:00"),
    ],
)
def test_local_time_is_told_by_the_zone_and_else_by_the_offset(
    name: str, offset: int | None, time: str
) -> None:
    facts = context_facts(Surroundings(time_zone=name, utc_offset=offset), moment=NOON)

    assert facts == {"time": time, "hour": int(time[:2]), "weekday": 0}


@pytest.mark.parametrize("offset", [None, 100_000, float("1e300")])
def test_without_a_zone_there_is_no_local_time(offset: float | None) -> None:
    assert context_facts(Surroundings(time_zone="x", utc_offset=offset), moment=NOON) == {}


def test_the_weekday_changes_at_the_visitors_midnight() -> None:
    late = Surroundings(time_zone="Pacific/Auckland")

    assert context_facts(late, moment=NOON) == {
        "time": "00:00",
        "hour": 0,
        "weekday": 1,
    }


def test_a_campaign_is_read_from_the_address_of_the_page() -> None:
    url = (
        "https://shop.example/?utm_source=letter&utm_medium=email&utm_campaign=spring"
        "&utm_term=lamp&utm_content=top&q=secret"
    )

    assert context_facts(Surroundings(url=url, referrer="https://bing.com/"), moment=NOON) == {
        "source": "letter",
        "medium": "email",
        "campaign": "spring",
        "term": "lamp",
        "content": "top",
        "referrer": "search",
    }


def test_an_address_that_is_none_tells_nothing() -> None:
    assert context_facts(Surroundings(url="http://["), moment=NOON) == {}
