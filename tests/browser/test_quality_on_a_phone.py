"""The quality page on a telephone."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from personalization.insights.models import HourlyVolume, QualityReport
from personalization.insights.reporting import compute

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WIDTH = 390
SCREEN = 844
QUALITY = "/admin/insights/qualityreport/"


@pytest.fixture
def phone(browser: Chrome) -> Chrome:
    # A browser window is never narrower than 500 pixels, a device is.
    device = {"width": WIDTH, "height": SCREEN, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    return browser


@pytest.fixture
def officer(transactional_db: None) -> User:
    return User.objects.create_superuser("officer", password="lantern-light")


def sign_in(browser: Chrome, address: str, user: User) -> None:
    browser.get(address)
    browser.find_element(By.NAME, "username").send_keys(user.username)
    browser.find_element(By.NAME, "password").send_keys("lantern-light")
    browser.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    WebDriverWait(browser, 10).until(lambda one: one.find_elements(By.CLASS_NAME, "quality"))


def size(browser: Chrome, side: str) -> int:
    return int(browser.execute_script(f"return document.documentElement.scroll{side}"))


def farthest(browser: Chrome) -> float:
    """Return where the widest thing of the page ends, hidden headings included."""
    found: float = browser.execute_script(
        "return Math.max(...[...document.querySelectorAll('.quality *')]"
        ".map(one => one.getBoundingClientRect().right))"
    )
    return found


def test_eighty_types_of_events_fit_the_width_and_a_few_screens(
    phone: Chrome, live_server: LiveServer, officer: User
) -> None:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    HourlyVolume.objects.bulk_create(
        HourlyVolume(
            hour=hour,
            source="page",
            type=f"kind_{n}",
            events=n + 1,
            latest=now,
            **dict.fromkeys(("flagged", "late_minute", "late_hour", "late_day"), 0),
        )
        for n in range(80)
    )
    compute(QualityReport.objects.create(started_by="test"), now=now)

    sign_in(phone, f"{live_server.url}{QUALITY}", officer)

    assert size(phone, "Width") <= WIDTH
    assert farthest(phone) <= WIDTH
    assert size(phone, "Height") <= 7 * SCREEN
    assert "68 more" in phone.find_element(By.ID, "content-main").text
