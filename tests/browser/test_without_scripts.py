"""The admin where no script runs: blocked, or not there yet on a slow line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from personalization.rules.sentences import rule_sentence
from personalization.segments.models import Segment
from tests.browser.conftest import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NO_SCRIPTS = {"profile.managed_default_content_settings.javascript": 2}


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Chrome]:
    """Open a Chromium that runs no scripts."""
    with opened(tmp_path, preferences=NO_SCRIPTS) as driver:
        yield driver


def choose(browser: Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.NAME, name)).select_by_value(value)


def test_a_segment_is_made_without_scripts(
    plain: Chrome, live_server: LiveServer, marketer: User
) -> None:
    plain.get(f"{live_server.url}/admin/segments/segment/add/")
    plain.find_element(By.NAME, "username").send_keys(marketer.username)
    plain.find_element(By.NAME, "password").send_keys("lantern-light")
    plain.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    plain.find_element(By.NAME, "name").send_keys("Buyers")
    choose(plain, "rule-0-fact", "count")
    plain.find_element(By.CSS_SELECTOR, 'button[value="refresh:0"]').click()
    plain.find_element(By.NAME, "rule-0-event").send_keys("purchase")
    plain.find_element(By.NAME, "rule-0-days").send_keys("30")
    choose(plain, "rule-0-operator", "greater")
    plain.find_element(By.CSS_SELECTOR, 'button[value="refresh:0"]').click()
    plain.find_element(By.NAME, "rule-0-value").send_keys("3")
    plain.find_element(By.NAME, "_save").click()

    sentence = rule_sentence(Segment.objects.get().parsed_rule)
    assert sentence == "More than 3 purchases in the last 30 days."
