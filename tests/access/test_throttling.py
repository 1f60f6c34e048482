"""How much one sender may ask for in a minute, whatever door it comes through."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from consent.keyspaces import redis_connection
from personalization.access import throttling
from personalization.access.throttling import Sender, forget_spending, seconds_to_wait
from tests.factories import make_event, make_key

pytestmark = pytest.mark.django_db
MINUTE = 29_000_000 * 60.0
Ask = Callable[[Client, str, str], Any]


def by_key(client: Client, key: str, address: str) -> Any:
    return client.post(
        "/api/v1/events",
        make_event(),
        content_type="application/json",
        headers={"Authorization": f"Api-Key {key}"},
        REMOTE_ADDR=address,
    )


def by_segment(client: Client, key: str, address: str) -> Any:
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    return client.post(
        "/v1/track",
        {"userId": "anna", "event": "x", "messageId": "m"},
        content_type="application/json",
        headers={"Authorization": f"Basic {credentials}"},
        REMOTE_ADDR=address,
    )


def by_google(client: Client, key: str, address: str) -> Any:
    return client.post(
        f"/mp/collect?measurement_id=G-1&api_secret={key}",
        {"client_id": "1.2", "events": [{"name": "page_view"}]},
        content_type="application/json",
        REMOTE_ADDR=address,
    )


def by_page(client: Client, key: str, address: str) -> Any:
    return client.post(
        f"/t?key={key}", '{"events": []}', content_type="text/plain", REMOTE_ADDR=address
    )


def by_pixel(client: Client, key: str, address: str) -> HttpResponse:
    return client.get(f"/p.gif?key={key}", REMOTE_ADDR=address)  # type: ignore[return-value]


@pytest.mark.parametrize("ask", [by_key, by_segment, by_google])
def test_a_secret_key_is_counted_wherever_it_comes_from(
    client: Client, settings: LazySettings, ask: Ask
) -> None:
    settings.REQUESTS_A_MINUTE_BY_KEY = 2
    settings.REQUESTS_A_MINUTE_BY_ADDRESS = 1
    key, other = make_key("events"), make_key("events")

    answers = [ask(client, key, f"192.0.2.{n}") for n in range(3)]

    assert [one.status_code == 429 for one in answers] == [False, False, True]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert ask(client, other, "192.0.2.1").status_code != 429


@pytest.mark.parametrize("ask", [by_page, by_pixel])
def test_with_a_key_that_everybody_can_read_each_address_is_counted_by_itself(
    client: Client, settings: LazySettings, ask: Ask
) -> None:
    settings.REQUESTS_A_MINUTE_BY_KEY = 1
    settings.REQUESTS_A_MINUTE_BY_ADDRESS = 2
    key = make_key("collect")

    answers = [ask(client, key, "192.0.2.1") for _ in range(3)]

    assert [one.status_code == 429 for one in answers] == [False, False, True]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert ask(client, key, "192.0.2.2").status_code != 429


def test_a_forged_forwarded_address_is_still_the_same_sender(
    client: Client, settings: LazySettings
) -> None:
    settings.REQUESTS_A_MINUTE_BY_ADDRESS = 1
    key = make_key("collect")

    def ask(forged: str) -> int:
        headers = {"X-Forwarded-For": forged}
        return client.get(f"/p.gif?key={key}", headers=headers).status_code

    assert [ask("192.0.2.1"), ask("192.0.2.2")] == [200, 429]


def test_a_shut_out_page_of_a_listed_site_can_read_when_to_come_back(
    client: Client, settings: LazySettings
) -> None:
    settings.COLLECT_ORIGINS = ["https://shop.example"]
    settings.REQUESTS_A_MINUTE_BY_ADDRESS = 1
    key = make_key("collect")
    by_page(client, key, "127.0.0.1")

    answer = client.post(
        f"/t?key={key}",
        "{}",
        content_type="text/plain",
        headers={"Origin": "https://shop.example"},
    )

    assert answer.status_code == 429
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_the_next_minute_everybody_begins_anew() -> None:
    sender = Sender("key:a", 2)

    assert [seconds_to_wait(sender, now=MINUTE + 12) for _ in range(3)] == [None, None, 48]
    assert seconds_to_wait(sender, now=MINUTE + 59.5) == 0.5
    assert seconds_to_wait(sender, now=MINUTE + 60) is None


def test_processes_share_one_limit_and_never_exceed_it() -> None:
    sender = Sender("key:a", 1_000)
    held = [throttling.Spending() for _ in range(3)]
    passed = 0

    for n in range(3_000):
        throttling._spending = held[n % 3]
        passed += seconds_to_wait(sender, now=MINUTE) is None

    assert passed == 1_000


def test_redis_is_asked_for_a_hundredth_of_the_limit_at_once() -> None:
    told = []
    for _ in range(1_001):
        seconds_to_wait(Sender("key:a", 10_000), now=MINUTE)
        [key] = redis_connection().scan_iter("asked:*")
        told.append(int(redis_connection().get(key)))

    assert told == [(n // 100 + 1) * 100 for n in range(1_001)]


def test_who_is_shut_out_costs_redis_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender("key:a", 1)
    seconds_to_wait(sender, now=MINUTE)
    seconds_to_wait(sender, now=MINUTE)

    monkeypatch.setattr(throttling, "redis_connection", lambda: pytest.fail("It was asked."))

    assert seconds_to_wait(sender, now=MINUTE) == 60


def test_without_redis_nobody_is_shut_out(settings: LazySettings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    assert {seconds_to_wait(Sender("key:a", 1), now=MINUTE) for _ in range(5)} == {None}


def test_a_limit_of_zero_is_none() -> None:
    assert {seconds_to_wait(Sender("key:a", 0), now=MINUTE) for _ in range(5)} == {None}


def test_a_household_with_many_addresses_of_ipv6_is_one_sender(
    client: Client, settings: LazySettings
) -> None:
    settings.REQUESTS_A_MINUTE_BY_ADDRESS = 2
    key = make_key("collect")

    homes = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:1::3", "2001:db8:0:2::1"]

    assert [by_pixel(client, key, home).status_code for home in homes] == [200, 200, 429, 200]


def test_no_address_stands_in_redis(client: Client) -> None:
    by_pixel(client, make_key("collect"), "192.0.2.77")
    forget_spending()

    keys = list(redis_connection().scan_iter("asked:*"))

    assert len(keys) == 1
    assert b"192.0" not in keys[0]
    assert 0 < redis_connection().ttl(keys[0]) <= 120
