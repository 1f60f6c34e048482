"""The browser script asks nobody, and obeys what its page says of consent."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from consent.checking import choices_of
from consent.models import ConsentRecord
from consent.subjects import Subject
from personalization.streams import stream
from tests.browser.driving import (
    AGREE,
    CALLS,
    ELSEWHERE,
    arrived,
    open_agreed,
    open_page,
    run,
    storage,
    wait,
)
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


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
