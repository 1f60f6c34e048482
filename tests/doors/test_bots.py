"""Bots where browsers ask for themselves: the tag and the pixel."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from consent.checking import choices_of
from consent.subjects import Subject
from personalization.doors.pixel import pixel_address
from personalization.events.counting_refusals import refusal_counts
from personalization.streams import stream
from tests.factories import agree, make_event, make_key

pytestmark = pytest.mark.django_db
VISITOR = "web-" + "a1" * 16
SHOP = "https://shop.example"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


@pytest.fixture(autouse=True)
def listed(settings: LazySettings) -> None:
    settings.COLLECT_ORIGINS = [SHOP]


def sent(client: Client, *types: str, agent: str, agrees: bool = True) -> Any:
    events = [
        {"message_id": f"m-{nth}", "type": kind, "properties": {}, "context": {}}
        for nth, kind in enumerate(types)
    ]
    body = {"visitor": VISITOR, "consent": {"analytics": agrees}, "events": events}
    key = make_key("collect", vouched=("analytics",))
    headers = {"User-Agent": agent, "Origin": SHOP}
    answer = client.post(
        f"/t?key={key}", json.dumps(body), content_type="text/plain", headers=headers
    )
    assert answer.status_code == 202
    return answer.json()


def counted() -> list[Any]:
    return sorted(one[1:] for one in refusal_counts(days=1, now=timezone.now()))


def test_what_a_bot_does_on_a_page_is_counted_and_not_kept(client: Client) -> None:
    answer = sent(client, "page_view", "item_view", "No name", agent=GOOGLEBOT)

    assert answer["accepted"] == 0
    assert [(one["index"], one["field"]) for one in answer["refused"]] == [
        (0, "bot"),
        (1, "bot"),
        (2, "bot"),
    ]
    assert stream.backlog() == 0
    assert counted() == [
        ("page", "item_view", "bot", 1),
        ("page", "other", "bot", 1),
        ("page", "page_view", "bot", 1),
    ]


def test_a_bot_is_left_out_where_a_page_key_is_used_by_itself(client: Client) -> None:
    answer = client.post(
        f"/api/v1/events?key={make_key('collect')}",
        make_event(type="item_view"),
        content_type="application/json",
        headers={"User-Agent": GOOGLEBOT},
    ).json()

    assert answer["accepted"] == 0
    assert [one["field"] for one in answer["refused"]] == ["bot"]
    assert counted() == [("page", "item_view", "bot", 1)]


def test_what_a_person_does_there_is_kept(client: Client) -> None:
    answer = sent(client, "page_view", agent=CHROME)

    assert (answer["accepted"], stream.backlog(), counted()) == (1, 1, [])


def test_a_refusal_counts_whatever_the_browser_calls_itself(client: Client) -> None:
    sent(client, agent=GOOGLEBOT, agrees=False)

    assert "analytics" in choices_of(Subject.of(anonymous_id=VISITOR)).denied


@pytest.mark.parametrize(
    ("agent", "loads"),
    [
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", 0),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko (via ggpht.com GoogleImageProxy)", 1),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", 1),
    ],
)
def test_a_bot_opens_no_mail_but_a_mail_programmes_proxy_does(
    client: Client, agent: str, loads: int
) -> None:
    agree(user_id="anna")
    address = pixel_address(key=make_key("collect"), type="email_open", user_id="anna")

    answer = client.get(address, headers={"User-Agent": agent})

    assert answer.headers["Content-Type"] == "image/gif"
    assert stream.backlog() == loads
    assert counted() == [("pixel", "email_open", "bot", 1)] * (1 - loads)
