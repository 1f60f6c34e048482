"""The browser script on pages of another site, in a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from consent.checking import choices_of
from consent.keyspaces import patient_redis_connection, redis_connection
from consent.models import ConsentRecord
from consent.subjects import Subject
from personalization.events.accepted import AcceptedEvent
from personalization.streams import stream
from tests.browser.site import Site, running_site
from tests.factories import make_key

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SECONDS = 20
AGREE = "personalization.consent({analytics: true, personalization: true})"
ELSEWHERE = "about:blank"
CUT_OFF = "fetch = () => Promise.reject(new TypeError()); navigator.sendBeacon = () => false"
# What an earlier page left behind; the page that plants it keeps nothing of its own.
PLANT = """
addEventListener("pagehide", () => {
  localStorage.setItem("personalization.waiting", JSON.stringify({ owner: "OWNER", events: [
    { message_id: "p-1", type: "planted", occurred_at: "%s", properties: {}, context: {} }] }));
});
"""
CALLS = (
    "return performance.getEntriesByType('resource').filter((r) => r.name.includes('/t?')).length"
)


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, settings: LazySettings) -> Iterator[Site]:
    """Run another site that has our tag on its pages."""
    key = make_key("collect", vouched=("analytics", "personalization"))
    with running_site(host=live_server.url, key=key) as running:
        settings.COLLECT_ORIGINS = [running.url]
        yield running


def wait(browser: Chrome, until: Callable[[], object]) -> None:
    WebDriverWait(browser, SECONDS, poll_frequency=0.1).until(lambda _: until())


def open_page(browser: Chrome, url: str) -> None:
    """Open a page, and wait until the script runs on it."""
    browser.get(url)
    wait(browser, lambda: run(browser, "return !!window.personalization?.consent"))


def open_agreed(browser: Chrome, url: str) -> None:
    open_page(browser, url)
    run(browser, AGREE)


def run(browser: Chrome, code: str) -> Any:
    return browser.execute_script(code)


def arrived(*types: str) -> list[AcceptedEvent]:
    """Return the events of these types, each message once, in the order of their times."""
    payloads = [payload for _, _, batch in stream.waiting() for payload in batch]
    events = {event.message_id: event for event in map(AcceptedEvent.from_wire, payloads)}
    found = [event for event in events.values() if event.type in types]
    return sorted(found, key=lambda event: event.occurred_at)


def kept(browser: Chrome) -> int:
    """Return how many events the browser holds back."""
    held = run(browser, "return JSON.parse(localStorage['personalization.waiting'] || 'null')")
    return len(held["events"]) if held else 0


def storage(browser: Chrome) -> list[str]:
    names: list[str] = run(browser, "return Object.keys(localStorage)")
    return names


def go(browser: Chrome, *, offline: bool) -> None:
    browser.set_network_conditions(offline=offline, latency=0, throughput=-1)


def test_before_consent_nothing_is_kept_and_nothing_sent(browser: Chrome, site: Site) -> None:
    open_page(browser, site.url)
    browser.find_element(By.ID, "buy").click()
    open_page(browser, f"{site.url}/other")
    run(browser, "personalization.track('search', {query: 'lamp'})")
    run(browser, "personalization.consent({analytics: false, advertising: true})")
    run(browser, "scrollTo(0, 5000); history.pushState({}, '', '/third')")

    assert storage(browser) == []
    assert browser.get_cookies() == []
    assert run(browser, CALLS) == 0
    browser.get(ELSEWHERE)
    assert stream.backlog() == 0


def test_what_happened_before_consent_stays_unsaid(browser: Chrome, site: Site) -> None:
    open_page(browser, site.url)
    run(browser, "personalization.track('search', {query: 'lamp'})")
    run(browser, AGREE)
    run(browser, "personalization.track('search', {query: 'lantern'})")

    wait(browser, lambda: arrived("search"))
    assert [event.properties for event in arrived("search")] == [{"query": "lantern"}]


def test_after_consent_an_id_of_its_own_is_sent_along_without_cookies(
    browser: Chrome, site: Site
) -> None:
    open_agreed(browser, f"{site.url}/lamps?utm_source=letter&token=secret")
    wait(browser, lambda: arrived("page_view"))
    (event,) = arrived("page_view")

    assert event.anonymous_id == run(browser, "return personalization.anonymousId()")
    assert event.user_id == ""
    assert event.source == "page"
    context = event.context
    assert (context["page"], context["source"], context["device"]) == (
        "/lamps",
        "letter",
        "desktop",
    )
    assert context["timezone"]
    assert "secret" not in str(event)
    assert browser.get_cookies() == []

    open_page(browser, f"{site.url}/other")
    wait(browser, lambda: len(arrived("page_view")) == 2)
    assert {one.anonymous_id for one in arrived("page_view")} == {event.anonymous_id}


def test_a_page_that_says_it_before_the_script_is_there_is_heard(
    browser: Chrome, site: Site
) -> None:
    browser.get(f"{site.url}/early")

    wait(browser, lambda: arrived("page_view"))


def test_a_withdrawal_is_recorded_and_forgotten_in_the_browser(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))
    before = run(browser, "return personalization.anonymousId()")

    run(browser, "personalization.consent({analytics: false, personalization: false})")

    wait(browser, lambda: choices_of(Subject.of(anonymous_id=before)).denied)
    wait(browser, lambda: storage(browser) == [])
    browser.find_element(By.ID, "unmarked").click()
    browser.get(ELSEWHERE)
    assert not arrived("page_leave")

    open_agreed(browser, site.url)
    wait(browser, lambda: len(arrived("page_view")) == 2)
    assert run(browser, "return personalization.anonymousId()") != before


def test_clicks_forms_depth_and_time_are_told_and_nothing_that_was_written(
    browser: Chrome, site: Site
) -> None:
    open_agreed(browser, site.url)
    run(
        browser,
        "document.querySelector('form').addEventListener('submit', (e) => e.preventDefault())",
    )
    run(
        browser,
        "document.getElementById('buy').addEventListener('click', (e) => e.preventDefault())",
    )

    browser.find_element(By.ID, "unmarked").click()
    browser.find_element(By.ID, "buy").click()
    browser.find_element(By.CSS_SELECTOR, "#letter button").click()
    run(browser, "scrollTo(0, document.documentElement.scrollHeight / 2)")
    wait(browser, lambda: arrived("scroll"))
    run(browser, "scrollTo(0, 0); scrollTo(0, document.documentElement.scrollHeight)")
    wait(browser, lambda: len(arrived("scroll")) == 4)
    browser.get(ELSEWHERE)
    wait(browser, lambda: arrived("page_leave"))

    (click,) = arrived("click")
    assert click.properties == {"label": "buy", "to": "/basket", "item_id": "1001"}
    (form,) = arrived("form_submit")
    assert form.properties == {"form": "letter", "to": "/thanks"}
    assert [event.properties["depth"] for event in arrived("scroll")] == [25, 50, 75, 100]
    (leave,) = arrived("page_leave")
    assert leave.properties["visible_seconds"] > 0


def test_time_in_the_background_is_not_time_on_the_page(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))
    page = browser.current_window_handle

    browser.switch_to.new_window("tab")
    wait(browser, lambda: run(browser, "return performance.now() > 3000"))
    browser.close()
    browser.switch_to.window(page)
    browser.get(ELSEWHERE)
    wait(browser, lambda: arrived("page_leave"))

    (view,), (leave,) = arrived("page_view"), arrived("page_leave")
    elapsed = (leave.occurred_at - view.occurred_at).total_seconds()
    assert elapsed > 3
    assert 0 < leave.properties["visible_seconds"] < elapsed - 2


def test_a_block_is_seen_when_half_of_it_was_there_for_a_second(
    browser: Chrome, site: Site
) -> None:
    open_agreed(browser, site.url)
    # Scrolled past, and then only a quarter of it in sight.
    run(browser, "document.getElementById('block').scrollIntoView(); scrollTo(0, 0)")
    run(browser, "scrollTo(0, document.getElementById('block').offsetTop - innerHeight + 50)")
    wait(browser, lambda: run(browser, "return performance.now() > 3000"))
    assert not arrived("impression")

    run(browser, "document.getElementById('block').scrollIntoView()")
    wait(browser, lambda: arrived("impression"))

    (seen,) = arrived("impression")
    assert seen.properties == {
        "placement": "hero",
        "activity": "lanterns",
        "variation": "warm",
        "decision_id": "d-1",
    }


def test_a_block_that_comes_later_is_seen_too(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)

    run(
        browser,
        "const block = document.createElement('div'); block.textContent = 'Bags';"
        "Object.assign(block.dataset, {placement: 'strip', activity: 'bags'});"
        "document.body.prepend(block)",
    )

    wait(browser, lambda: arrived("impression"))
    assert arrived("impression")[0].properties == {"placement": "strip", "activity": "bags"}


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


def test_steps_within_one_page_are_page_views(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))

    run(browser, "history.pushState({}, '', '/two')")
    wait(browser, lambda: len(arrived("page_view")) == 2)
    run(browser, "history.replaceState({}, '', '/three'); history.replaceState({}, '', '/three')")
    wait(browser, lambda: len(arrived("page_view")) == 3)
    run(browser, "history.replaceState({}, '', '/three#part')")
    browser.back()

    wait(browser, lambda: len(arrived("page_view")) == 4)
    views = [event.context for event in arrived("page_view")]
    assert [context["page"] for context in views] == ["/", "/two", "/three", "/"]
    assert views[1]["referrer"] == "internal"
    left = [event.context["page"] for event in arrived("page_leave")]
    assert left == ["/", "/two", "/three"]


def test_googles_data_layer_is_read_and_its_consent_obeyed(browser: Chrome, site: Site) -> None:
    open_page(browser, f"{site.url}/google")
    assert storage(browser) == []

    run(browser, "gtag('consent', 'update', {analytics_storage: 'granted', ad_storage: 'denied'})")
    run(
        browser,
        "dataLayer.push({event: 'add_to_cart', ecommerce: {items: [{item_id: '1001'}]}});"
        "gtag('event', 'purchase', {transaction_id: 'T1', items: [{item_id: '1001', price: 2}]});"
        "gtag('event', 'login', {method: 'anna@example.com'});",
    )

    wait(browser, lambda: arrived("purchase"))
    bought = arrived("item_view", "add_to_cart", "purchase")
    assert sorted(event.type for event in bought) == ["add_to_cart", "item_view", "purchase"]
    assert {event.properties["item_id"] for event in bought} == {"1001"}
    assert not arrived("login", "gtm_js")
    assert set(ConsentRecord.objects.values_list("purpose", "state")) == {("analytics", "granted")}

    run(browser, "gtag('consent', 'update', {analytics_storage: 'denied'})")
    wait(browser, lambda: storage(browser) == [])
    assert run(browser, "return personalization.anonymousId()") is None


def test_a_tag_manager_that_keeps_only_the_address_is_enough(browser: Chrome, site: Site) -> None:
    open_agreed(browser, f"{site.url}/by-address")

    wait(browser, lambda: arrived("page_view"))


def test_no_policy_of_the_page_is_broken(browser: Chrome, site: Site) -> None:
    open_agreed(browser, f"{site.url}/google")
    wait(browser, lambda: arrived("page_view"))

    log = str(browser.get_log("browser"))  # type: ignore[no-untyped-call]

    assert "Content Security Policy" not in log
    assert "CORS" not in log


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
