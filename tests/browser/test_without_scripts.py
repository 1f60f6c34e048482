"""The admin where no script runs: blocked, or not there yet on a slow line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from personalization.rules.sentences import rule_sentence
from personalization.segments.models import Segment
from tests.browser.conftest import opened
from tests.browser.driving import wait

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NO_SCRIPTS = {"profile.managed_default_content_settings.javascript": 2}


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Chrome]:
    """Open a Chromium that runs no scripts."""
    with opened(tmp_path, preferences=NO_SCRIPTS) as driver:
        yield driver


def field(browser: Chrome, name: str) -> WebElement:
    """Return the field once the page has it."""
    wait(browser, lambda: [one.is_displayed() for one in browser.find_elements(By.NAME, name)])
    return browser.find_element(By.NAME, name)


def test_a_segment_is_made_without_scripts(
    plain: Chrome, live_server: LiveServer, marketer: User
) -> None:
    plain.get(f"{live_server.url}/admin/segments/segment/add/")
    field(plain, "username").send_keys(marketer.username)
    field(plain, "password").send_keys("lantern-light")
    plain.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    field(plain, "name").send_keys("Buyers")
    Select(field(plain, "rule-0-fact")).select_by_value("count")
    plain.find_element(By.CSS_SELECTOR, 'button[value="refresh:0"]').click()
    wait(plain, lambda: field(plain, "rule-0-event").is_displayed())
    field(plain, "rule-0-event").send_keys("purchase")
    field(plain, "rule-0-days").send_keys("30")
    Select(field(plain, "rule-0-operator")).select_by_value("greater")
    field(plain, "rule-0-value").send_keys("3")
    field(plain, "_save").click()
    wait(plain, Segment.objects.exists)

    sentence = rule_sentence(Segment.objects.get().parsed_rule)
    assert sentence == "More than 3 purchases in the last 30 days."
