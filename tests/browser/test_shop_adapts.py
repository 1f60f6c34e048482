"""What a visitor and a marketer see, in a real browser."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

from personalization.segments.models import Segment

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
FALLBACK = ("", "no_consent")
SECONDS = 30


def hero(browser: Chrome) -> tuple[str, str]:
    """Return which activity the hero shows, and the reason code."""
    element = browser.find_element(By.CSS_SELECTOR, '[data-placement="home_hero"]')
    return (
        element.get_attribute("data-activity") or "",
        element.get_attribute("data-reason") or "",
    )


def wait(browser: Chrome, until: Callable[[Chrome], object], *, seconds: float = SECONDS) -> None:
    WebDriverWait(
        browser, seconds, poll_frequency=0.1, ignored_exceptions=[StaleElementReferenceException]
    ).until(until)


def reload_until(browser: Chrome, activity: str) -> None:
    """Reload the home page until its hero shows this activity."""

    def shown(driver: Chrome) -> bool:
        driver.refresh()
        return hero(driver)[0] == activity

    wait(browser, shown)


def choose(browser: Chrome, choice: str) -> None:
    """Press the button of a choice, and wait until the page has been left."""
    button = browser.find_element(By.CSS_SELECTOR, f'button[name="choice"][value="{choice}"]')
    button.click()
    wait(browser, staleness_of(button))


def view_three(browser: Chrome, url: str, first: str) -> None:
    for n in range(3):
        browser.get(f"{url}/items/{first}{n}/")


def test_a_visitor_refuses_agrees_browses_and_withdraws_and_a_marketer_changes_the_rule(
    browser: Chrome, live_server: LiveServer, shop: None, consumer: None, marketer: User
) -> None:
    url = live_server.url

    browser.get(url)
    assert browser.get_cookies() == []
    assert hero(browser) == FALLBACK
    choose(browser, "reject")
    view_three(browser, url, "1000")
    browser.get(url)
    assert hero(browser) == FALLBACK

    browser.delete_all_cookies()
    browser.get(url)
    choose(browser, "accept")
    assert hero(browser) == ("", "no_match")
    view_three(browser, url, "1000")
    browser.get(url)
    reload_until(browser, "more-lanterns")
    assert "More Lanterns" in browser.page_source

    edit_rule(browser, url, marketer)
    browser.get(url)
    reload_until(browser, "")
    assert hero(browser) == ("", "no_match")

    browser.get(f"{url}/privacy/")
    choose(browser, "reject")
    browser.get(url)
    assert hero(browser) == FALLBACK


def edit_rule(browser: Chrome, url: str, marketer: User) -> None:
    """Sign in as the marketer and demand five views instead of three."""
    segment = Segment.objects.get(name="Looking at Lanterns")
    browser.get(f"{url}/admin/segments/segment/{segment.pk}/change/")
    browser.find_element(By.NAME, "username").send_keys(marketer.username)
    browser.find_element(By.NAME, "password").send_keys("lantern-light")
    browser.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    wait(browser, lambda driver: driver.find_elements(By.NAME, "rule-0-value"))
    value = browser.find_element(By.NAME, "rule-0-value")
    value.clear()
    value.send_keys("5")
    browser.find_element(By.NAME, "_publish").click()
    wait(browser, lambda driver: "live" in driver.page_source.lower())
    # The marketer looks at the shop as a visitor, not as staff.
    browser.delete_cookie("sessionid")


def test_no_script_runs_in_a_page_but_our_own(
    browser: Chrome, live_server: LiveServer, shop: None
) -> None:
    browser.get(live_server.url)
    smuggled = "document.body.innerHTML += '<img src=x onerror=\"window.isBroken = true\">'"

    browser.execute_script(smuggled)
    wait(browser, lambda driver: "Content Security Policy" in str(driver.get_log("browser")))  # type: ignore[no-untyped-call]

    assert not browser.execute_script("return window.isBroken")
