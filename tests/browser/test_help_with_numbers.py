"""Thresholds chosen from how a fact is spread, and values that stay."""

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile
from tests.browser.test_rule_builder import (
    add_country,
    by_id,
    choose,
    choose_fact,
    press,
    sign_in,
    text_of,
    wait,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def value_of(browser: Chrome) -> str | None:
    return browser.find_element(By.NAME, "rule-0-value").get_attribute("value")


def test_a_break_of_the_spread_is_set_by_keyboard(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    Profile.objects.bulk_create(
        Profile(facts={**empty_facts(), "counts": {"purchase": {"20000": number}}})
        for number in [1] * 30 + [20] * 15
    )
    sign_in(browser, live_server.url, marketer)
    choose_fact(browser, 0, "number of events", "count")
    browser.find_element(By.NAME, "rule-0-event").send_keys("purchase")

    press(browser, "spread:0")
    wait(browser, lambda driver: by_id(driver, "rule-0-spread"))
    press(browser, "value:0:20")

    wait(
        browser,
        lambda driver: driver.switch_to.active_element.get_attribute("name") == "rule-0-value",
    )
    assert browser.switch_to.active_element.get_attribute("value") == "20"


def test_a_bar_of_the_spread_is_set_by_mouse_and_by_keyboard(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    Profile.objects.bulk_create(
        Profile(facts={**empty_facts(), "counts": {"purchase": {"20000": number}}})
        for number in [1] * 30 + [4] * 15
    )
    sign_in(browser, live_server.url, marketer)
    choose_fact(browser, 0, "number of events", "count")
    browser.find_element(By.NAME, "rule-0-event").send_keys("purchase")
    choose(browser, "rule-0-operator", "greater")

    press(browser, "spread:0")
    wait(browser, lambda driver: by_id(driver, "rule-0-spread"))
    browser.find_elements(By.CLASS_NAME, "spread__press")[1].click()
    wait(browser, lambda driver: value_of(driver) == "1")

    press(browser, "spread:0")
    wait(browser, lambda driver: by_id(driver, "rule-0-spread"))
    first = browser.find_element(By.CLASS_NAME, "spread__press")
    first.send_keys(Keys.ARROW_RIGHT)
    browser.switch_to.active_element.send_keys(Keys.END)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait(browser, lambda driver: value_of(driver) == "3")


def test_one_value_stays_when_another_way_to_compare_is_chosen(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    add_country(browser, 0, "Bonaire, Saba")

    choose(browser, "rule-0-operator", "in")
    values = browser.find_element(By.NAME, "rule-0-values")
    assert values.get_attribute("value") == '"Bonaire, Saba"'
    values.clear()
    values.send_keys("France")
    choose(browser, "rule-0-operator", "equals")

    assert value_of(browser) == "France"
    wait(browser, lambda driver: "Country is France." in text_of(driver, "rule-preview"))
