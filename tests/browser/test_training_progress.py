"""The administrator's view of a training, followed without loading the page again."""

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from personalization.learning.models import TrainingRun

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def shows(browser: Chrome, text: str) -> None:
    WebDriverWait(browser, 10, poll_frequency=0.1).until(
        lambda driver: text in driver.find_element(By.CSS_SELECTOR, "[data-progress-url]").text
    )


def test_a_training_is_followed_without_loading_the_page_again(
    browser: Chrome, live_server: LiveServer, transactional_db: None
) -> None:
    User.objects.create_superuser("administrator", password="lantern-light")
    run = TrainingRun.objects.create(kind="recommender", started_by="administrator")
    browser.get(f"{live_server.url}/admin/learning/trainingrun/{run.pk}/change/")
    browser.find_element(By.NAME, "username").send_keys("administrator")
    browser.find_element(By.NAME, "password").send_keys("lantern-light")
    browser.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    shows(browser, "0 %")
    browser.execute_script("window.isStillTheSamePage = true")

    TrainingRun.objects.update(state="running", percent=44, stage="training, epoch 9 of 20")
    shows(browser, "44 %")
    TrainingRun.objects.update(state="promoted", percent=100, stage="", message="It is better.")
    shows(browser, "It is better.")

    assert browser.execute_script("return window.isStillTheSamePage")
