"""A rule that is typed as JSON counts, and is never replaced by that of the rows."""

import json

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from personalization.segments.models import Segment
from tests.browser.test_kept_drafts import save
from tests.browser.test_rule_builder import add_country, sign_in, text_of, wait

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MALTA = {"fact": "trait", "name": "country", "operator": "equals", "value": "Malta"}
TYPED = json.dumps({"any": [MALTA]})


def field(browser: Chrome, name: str) -> WebElement:
    return browser.find_element(By.NAME, f"rule-{name}")


def json_of(browser: Chrome) -> str:
    return str(field(browser, "json").get_property("value"))


def sentence(browser: Chrome, text: str) -> None:
    wait(browser, lambda driver: text in text_of(driver, "rule-preview"))


def open_expert(browser: Chrome) -> None:
    browser.find_element(By.CSS_SELECTOR, ".rule__expert summary").send_keys(Keys.ENTER)


def type_json(browser: Chrome, text: str) -> None:
    field(browser, "json").send_keys(Keys.CONTROL, "a")
    field(browser, "json").send_keys(text)


def test_json_that_is_typed_counts_without_ticking_anything(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    browser.find_element(By.NAME, "name").send_keys("The Maltese")
    add_country(browser, 0, "France")
    sentence(browser, "Country is France.")
    open_expert(browser)
    assert "France" in json_of(browser)

    type_json(browser, TYPED)

    sentence(browser, "Country is Malta.")
    assert json_of(browser) == TYPED
    assert field(browser, "use_json").is_selected()
    assert "this JSON counts now" in text_of(browser, "rule-json-said")
    save(browser)
    wait(browser, lambda _: Segment.objects.filter(rule={"any": [MALTA]}).exists())


def test_unticking_loses_neither_the_rows_nor_what_was_typed(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    browser.find_element(By.NAME, "name").send_keys("The French")
    add_country(browser, 0, "France")
    open_expert(browser)
    type_json(browser, TYPED)
    sentence(browser, "Country is Malta.")

    field(browser, "use_json").send_keys(Keys.SPACE)

    sentence(browser, "Country is France.")
    assert json_of(browser) == TYPED
    assert "The conditions count again." in text_of(browser, "rule-json-said")
    field(browser, "use_json").send_keys(Keys.SPACE)
    sentence(browser, "Country is Malta.")
    field(browser, "use_json").send_keys(Keys.SPACE)
    field(browser, "0-value").send_keys("s")
    sentence(browser, "Country is Frances.")
    assert json_of(browser) == TYPED


def test_json_that_is_kept_unused_survives_a_refused_form_and_goes_when_emptied(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    add_country(browser, 0, "France")
    open_expert(browser)
    type_json(browser, TYPED)
    field(browser, "use_json").send_keys(Keys.SPACE)
    sentence(browser, "Country is France.")

    browser.execute_script("document.querySelector('[name=_save]').form.noValidate = true")
    save(browser)
    wait(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, ".errornote, .errorlist"))
    field(browser, "0-value").send_keys("s")
    sentence(browser, "Country is Frances.")
    assert json_of(browser) == TYPED
    assert "What you typed stays here" in text_of(browser, "rule-json-said")

    type_json(browser, Keys.DELETE)
    wait(browser, lambda driver: "Frances" in json_of(driver))
