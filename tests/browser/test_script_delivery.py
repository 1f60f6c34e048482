"""What the browser script does when the line or the door is gone."""

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from consent.keyspaces import patient_redis_connection, redis_connection
from personalization.access.throttling import forget_spending
from tests.browser.driving import (
    CALLS,
    arrived,
    go,
    kept,
    open_agreed,
    open_page,
    run,
    wait,
)
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
# What an earlier page left behind; the page that plants it keeps nothing of its own.
PLANT = """
addEventListener("pagehide", () => {
  localStorage.setItem("personalization.waiting", JSON.stringify({ owner: "OWNER", events: [
    { message_id: "p-1", type: "planted", occurred_at: "%s", properties: {}, context: {} }] }));
});
"""
CUT_OFF = "fetch = () => Promise.reject(new TypeError()); navigator.sendBeacon = () => false"


def test_what_happens_offline_is_delivered_by_the_next_page(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))
    wait(browser, lambda: kept(browser) == 0)

    go(browser, offline=True)
    run(browser, "personalization.track('search', {query: 'lamp'})")
    wait(browser, lambda: kept(browser) == 1)
    run(browser, CUT_OFF)  # the next page cannot be loaded offline, and this one must stay so
    go(browser, offline=False)
    assert not arrived("search")
    open_page(browser, f"{site.url}/next")

    wait(browser, lambda: len(arrived("search", "page_leave")) == 2)
    wait(browser, lambda: kept(browser) == 0)
    assert {event.context["page"] for event in arrived("search", "page_leave")} == {"/"}


def test_what_happens_offline_is_delivered_when_the_line_is_back(
    browser: Chrome, site: Site
) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))

    go(browser, offline=True)
    run(browser, "for (let n = 0; n < 300; n++) personalization.track('search', {query: `${n}`})")
    wait(browser, lambda: kept(browser))
    assert kept(browser) == 200
    go(browser, offline=False)

    wait(browser, lambda: len(arrived("search")) == 200)
    assert arrived("search")[-1].properties == {"query": "299"}


def test_while_the_door_is_shut_the_batch_is_kept(
    browser: Chrome, site: Site, settings: LazySettings
) -> None:
    redis_url = settings.REDIS_URL
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))
    wait(browser, lambda: kept(browser) == 0)

    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()
    patient_redis_connection.cache_clear()
    run(browser, "personalization.track('search', {query: 'lamp'})")
    wait(browser, lambda: kept(browser) == 1)
    settings.REDIS_URL = redis_url
    redis_connection.cache_clear()
    patient_redis_connection.cache_clear()

    wait(browser, lambda: arrived("search"))
    wait(browser, lambda: kept(browser) == 0)


def test_what_the_door_refuses_is_not_sent_again(
    browser: Chrome, site: Site, settings: LazySettings
) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))

    settings.EVENT_BATCH_COUNT = 0
    run(browser, "personalization.track('search', {query: 'lamp'})")
    wait(browser, lambda: run(browser, CALLS) == 2)
    wait(browser, lambda: kept(browser) == 0)
    settings.EVENT_BATCH_COUNT = 100
    run(browser, "personalization.track('search', {query: 'lantern'})")

    wait(browser, lambda: arrived("search"))
    assert [event.properties for event in arrived("search")] == [{"query": "lantern"}]


def test_a_page_that_asked_too_much_keeps_its_batch_and_comes_back(
    browser: Chrome, site: Site, settings: LazySettings
) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))
    wait(browser, lambda: kept(browser) == 0)

    settings.REQUESTS_A_MINUTE_BY_ADDRESS = -1
    forget_spending()
    run(browser, "personalization.track('search', {query: 'lamp'})")
    wait(browser, lambda: kept(browser) == 1)
    settings.REQUESTS_A_MINUTE_BY_ADDRESS = 0
    open_page(browser, f"{site.url}/next")

    wait(browser, lambda: arrived("search"))
    wait(browser, lambda: kept(browser) == 0)


def test_a_page_whose_origin_is_not_listed_says_so_once_and_stops(
    browser: Chrome, site: Site, settings: LazySettings
) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))
    run(browser, "window.warned = []; console.warn = (said) => warned.push(said)")

    settings.COLLECT_ORIGINS = []
    run(browser, "personalization.track('search', {query: 'lamp'})")
    wait(browser, lambda: run(browser, "return warned.length"))
    run(browser, "personalization.track('search', {query: 'lantern'})")
    calls = run(browser, CALLS)
    settings.COLLECT_ORIGINS = [site.url]
    open_page(browser, f"{site.url}/next")

    wait(browser, lambda: len(arrived("page_view")) == 2)
    assert calls == 2
    assert not arrived("search")
    assert kept(browser) == 0


def test_one_text_that_no_reader_takes_does_not_cost_the_batch(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)

    run(
        browser,
        r"personalization.track('search', {query: 'la\ud83dmp\u0000', n: 2 ** 63,"
        r" face: '\ud83d\ude00'})",
    )

    wait(browser, lambda: arrived("search"))
    assert arrived("search")[0].properties == {
        "query": "lamp",
        "n": "9223372036854776000",
        "face": "\N{GRINNING FACE}",
    }
    assert arrived("page_view")


def test_what_waited_of_another_account_is_not_this_visitors(
    browser: Chrome, live_server: LiveServer, shop: None
) -> None:
    browser.get(live_server.url)
    browser.find_element(By.CSS_SELECTOR, 'button[value="accept"]').click()
    wait(browser, lambda: arrived("page_view"))
    left = arrived("page_view")[0]
    run(browser, PLANT.replace("OWNER", "somebody") % left.occurred_at.isoformat())
    browser.get(f"{live_server.url}/search")
    wait(browser, lambda: len(arrived("page_view")) == 2)
    assert not arrived("planted")

    run(browser, PLANT.replace("OWNER", "") % left.occurred_at.isoformat())
    browser.get(live_server.url)

    wait(browser, lambda: arrived("planted"))
