"""The rule form in a real browser: a row shows what its fact and operator ask for."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from personalization.segments.models import Segment

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SECONDS = 10


def wait(browser: Chrome, until: Callable[[Chrome], object]) -> None:
    WebDriverWait(browser, SECONDS, poll_frequency=0.1).until(until)


def choose(browser: Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.NAME, name)).select_by_value(value)


def sign_in(browser: Chrome, url: str, marketer: User) -> None:
    browser.get(f"{url}/admin/segments/segment/add/")
    browser.find_element(By.NAME, "username").send_keys(marketer.username)
    browser.find_element(By.NAME, "password").send_keys("lantern-light")
    browser.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    wait(browser, lambda driver: driver.find_elements(By.NAME, "rule-0-fact"))


def offered(browser: Chrome, name: str) -> set[str]:
    options = Select(browser.find_element(By.NAME, name)).options
    return {str(one.get_attribute("value")) for one in options if one.is_enabled()}


def add_country(browser: Chrome, row: int, country: str) -> None:
    if row:
        browser.find_element(By.ID, "rule-add").click()
    choose(browser, f"rule-{row}-fact", "trait:")
    browser.find_element(By.NAME, f"rule-{row}-name").send_keys("country")
    choose(browser, f"rule-{row}-operator", "equals")
    browser.find_element(By.NAME, f"rule-{row}-value").send_keys(country)


def test_a_marketer_builds_a_rule_and_is_warned_of_a_contradiction(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)

    choose(browser, "rule-0-fact", "first")
    assert "before" in offered(browser, "rule-0-operator")
    assert "greater" not in offered(browser, "rule-0-operator")
    assert browser.find_element(By.NAME, "rule-0-value").get_attribute("type") == "date"
    assert browser.find_element(By.NAME, "rule-0-event").is_displayed()
    assert not browser.find_element(By.NAME, "rule-0-days").is_displayed()
    choose(browser, "rule-0-fact", "percentage")
    assert browser.find_element(By.NAME, "rule-0-name").is_displayed()
    assert offered(browser, "rule-0-operator") == {"less", "at_least"}

    add_country(browser, 0, "Germany")
    add_country(browser, 1, "France")

    wait(
        browser,
        lambda driver: (
            driver.find_element(By.ID, "rule-1-warnings").text
            == "Nobody can fulfil this and also: country is Germany."
        ),
    )
    browser.find_element(By.NAME, "name").send_keys("Nobody")
    browser.find_element(By.NAME, "_save").click()
    wait(browser, lambda _: Segment.objects.filter(name="Nobody").exists())
