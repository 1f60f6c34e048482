"""Pages of segments on a screen of 390 pixels."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome

from personalization.segments.models import Segment
from personalization.segments.publishing import publish_segment
from tests.browser.test_rule_builder import by_id, choose_fact, press, sign_in, wait

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
COUNTRIES = ["Germany", "France", "Spain", "Belgium", "Netherlands", "Italy", "Malta", "Poland"]
CUT = """
    return [...document.querySelectorAll("#result_list tbody tr > *")]
        .filter((cell) => cell.scrollHeight > cell.clientHeight + 1
            || cell.scrollWidth > cell.clientWidth + 1)
        .map((cell) => cell.textContent.trim())
"""
TALL = "return document.querySelector('#result_list tbody tr').offsetHeight"
LABEL = """
    const version = document.querySelector("#result_list .field-version");
    return getComputedStyle(version, "::before").content
"""


@pytest.fixture
def segment(transactional_db: None) -> Segment:
    condition = {"fact": "trait", "name": "country", "operator": "in", "value": COUNTRIES}
    made = Segment.objects.create(name="Visitors from the continent", rule={"all": [condition]})
    publish_segment(segment=made, by="someone", now=timezone.now())
    return made


def narrow(browser: Chrome) -> None:
    # A browser window is never narrower than 500 pixels, a device is.
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )


def test_a_long_sentence_is_whole_and_a_segment_a_few_lines_tall(
    browser: Chrome, live_server: LiveServer, marketer: User, segment: Segment
) -> None:
    narrow(browser)
    sign_in(browser, live_server.url, marketer)

    browser.get(f"{live_server.url}/admin/segments/segment/")

    assert browser.execute_script(CUT) == []
    assert browser.execute_script(TALL) < 180
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_a_version_is_not_called_something_to_select(
    browser: Chrome, live_server: LiveServer, marketer: User, segment: Segment
) -> None:
    narrow(browser)
    sign_in(browser, live_server.url, marketer)

    browser.get(f"{live_server.url}/admin/segments/publication/")

    assert browser.execute_script(CUT) == []
    assert browser.execute_script(LABEL) == "none"


def test_the_form_fits_a_phone(browser: Chrome, live_server: LiveServer, marketer: User) -> None:
    narrow(browser)
    sign_in(browser, live_server.url, marketer)
    press(browser, "group")
    wait(browser, lambda driver: by_id(driver, "id_rule-2-fact_search"))
    choose_fact(browser, 2, "followed by", "sequence")

    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
