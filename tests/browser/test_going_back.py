"""One click brings an earlier model back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from personalization.learning.models import ModelVersion
from personalization.recommender.retraining import retrain
from tests.recommender.shop import (
    ITEMS_A_PROFILE,
    NOON,
    TASTES,
    make_event,
    make_items,
    make_profiles,
    store,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def two_versions(transactional_db: None) -> None:
    """Train a model that is live, and let an earlier one have been."""
    make_items()
    profiles = make_profiles()
    store(
        [
            make_event(
                profile, f"{TASTES[place % 2]}-{(place + n) % 30}", at=NOON - timedelta(days=n + 1)
            )
            for place, profile in enumerate(profiles)
            for n in range(ITEMS_A_PROFILE)
        ]
    )
    assert retrain(now=NOON, seed=1, started_by="test").state == "promoted"
    ModelVersion.objects.update(state="retired")
    ModelVersion.objects.create(
        kind="recommender",
        number=2,
        state="live",
        trained_at=NOON,
        trained_until=NOON,
        promoted_at=NOON,
        artifact="elsewhere",
        checksum="0" * 64,
    )


def test_one_click_brings_an_earlier_model_back(
    browser: Chrome, live_server: LiveServer, two_versions: None
) -> None:
    User.objects.create_superuser("administrator", password="lantern-light")
    browser.get(f"{live_server.url}/admin/learning/modelversion/")
    browser.find_element(By.NAME, "username").send_keys("administrator")
    browser.find_element(By.NAME, "password").send_keys("lantern-light")
    browser.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    # A click does not wait for the page it leads to.
    (button,) = WebDriverWait(browser, 10).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "button[formaction]")
    )

    button.click()

    WebDriverWait(browser, 10).until(lambda driver: "is live" in driver.page_source)
    assert ModelVersion.objects.get(state="live").number == 1
