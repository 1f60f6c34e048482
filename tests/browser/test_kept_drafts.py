"""What is typed into the rule form while a sign-in runs out, or before the page is left."""

import pytest
from django.contrib.auth.models import Group, User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from personalization.segments.models import Segment
from tests.browser.driving import wait
from tests.browser.test_rule_builder import add_country, by_id, press, sign_in, text_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
KEPT = "return Object.keys(sessionStorage).filter((key) => key.startsWith('draft:')).length"


def enter(browser: Chrome, name: str) -> None:
    browser.find_element(By.NAME, "username").send_keys(name)
    browser.find_element(By.NAME, "password").send_keys("lantern-light")
    browser.find_element(By.CSS_SELECTOR, '[type="submit"]').click()


def fill(browser: Chrome) -> None:
    browser.find_element(By.NAME, "name").send_keys("The French")
    add_country(browser, 0, "France")
    wait(browser, lambda: "Country is France." in text_of(browser, "rule-preview"))


def value(browser: Chrome, name: str) -> str | None:
    found = browser.find_elements(By.NAME, name)
    return found[0].get_attribute("value") if found else None


def save(browser: Chrome) -> None:
    browser.execute_script("document.querySelector('[name=_save]').click()")


def test_who_is_signed_out_while_typing_signs_in_elsewhere_and_goes_on(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    fill(browser)
    browser.delete_cookie("sessionid")

    browser.find_element(By.NAME, "rule-0-value").send_keys("s")
    wait(browser, lambda: "You were signed out." in text_of(browser, "rule-signed"))
    save(browser)
    wait(browser, lambda: browser.switch_to.active_element.text == "Sign in in another tab")
    assert "Country is France." in text_of(browser, "rule-preview")

    here = browser.current_window_handle
    browser.find_element(By.LINK_TEXT, "Sign in in another tab").click()
    wait(browser, lambda: len(browser.window_handles) > 1)
    browser.switch_to.window(next(one for one in browser.window_handles if one != here))
    enter(browser, marketer.username)
    wait(browser, lambda: browser.find_elements(By.ID, "logout-form"))
    browser.switch_to.window(here)
    browser.execute_script("window.dispatchEvent(new Event('focus'))")

    wait(browser, lambda: "signed in again" in text_of(browser, "rule-signed"))
    wait(browser, lambda: "Country is Frances." in text_of(browser, "rule-preview"))
    save(browser)
    wait(browser, Segment.objects.filter(name="The French").exists)


def test_what_was_sent_after_the_sign_in_ran_out_is_there_after_signing_in(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    fill(browser)
    press(browser, "add")
    wait(browser, lambda: by_id(browser, "id_rule-1-fact_search"))
    add_country(browser, 1, "Malta")
    browser.delete_cookie("sessionid")

    save(browser)
    wait(browser, lambda: browser.find_elements(By.NAME, "username"))
    enter(browser, marketer.username)

    wait(browser, lambda: value(browser, "rule-1-value") == "Malta")
    assert value(browser, "name") == "The French"
    assert "It was not saved" in text_of(browser, "rule-kept")
    save(browser)
    wait(browser, Segment.objects.filter(name="The French").exists)
    assert [one["value"] for one in Segment.objects.get().rule["all"]] == ["France", "Malta"]
    wait(browser, lambda: browser.execute_script(KEPT) == 0)


def test_what_was_left_unsaved_is_offered_and_can_be_forgotten(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    fill(browser)
    wait(browser, lambda: browser.execute_script(KEPT) == 1)
    page = browser.current_url
    # The browser would ask whether to leave.
    browser.execute_script(
        "window.addEventListener('beforeunload', (e) => e.stopImmediatePropagation(), true)"
    )

    browser.get(page)
    wait(browser, lambda: "was not saved" in text_of(browser, "rule-kept"))
    assert value(browser, "rule-0-value") == ""
    browser.find_element(By.XPATH, "//button[text()='Bring it back']").click()
    wait(browser, lambda: value(browser, "rule-0-value") == "France")

    browser.get(page)
    wait(browser, lambda: "was not saved" in text_of(browser, "rule-kept"))
    browser.find_element(By.XPATH, "//button[text()='Forget it']").click()
    assert browser.execute_script(KEPT) == 0


def test_what_one_person_typed_is_not_kept_for_the_next(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    other = User.objects.create_user("other", password="lantern-light", is_staff=True)
    other.groups.add(Group.objects.get(name="Marketer"))
    sign_in(browser, live_server.url, marketer)
    fill(browser)
    wait(browser, lambda: browser.execute_script(KEPT) == 1)
    browser.delete_cookie("sessionid")
    save(browser)
    wait(browser, lambda: browser.find_elements(By.NAME, "username"))

    enter(browser, other.username)

    wait(browser, lambda: browser.execute_script(KEPT) == 0)
    assert value(browser, "rule-0-value") == ""


def test_logging_out_forgets_what_was_typed(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    fill(browser)
    wait(browser, lambda: browser.execute_script(KEPT) == 1)

    browser.execute_script("document.getElementById('logout-form').requestSubmit()")

    wait(browser, lambda: not browser.find_elements(By.ID, "rule"))
    assert browser.execute_script(KEPT) == 0


def test_a_row_says_what_it_lacks_before_anything_is_saved(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    add_country(browser, 0, "France")
    press(browser, "add")
    wait(browser, lambda: by_id(browser, "id_rule-1-fact_search"))

    browser.find_element(By.ID, "id_rule-1-fact_search").send_keys("number of events", "\ue007")

    wait(browser, lambda: "Condition 2 is not finished" in text_of(browser, "rule-preview"))
    assert "Country is France." in text_of(browser, "rule-preview")
    event = browser.find_element(By.NAME, "rule-1-event")
    assert event.get_attribute("aria-invalid") == "true"
    assert text_of(browser, str(event.get_attribute("aria-describedby"))) == "Give a text."

    event.send_keys("purchase")
    browser.find_element(By.NAME, "rule-1-value").send_keys("3")
    wait(browser, lambda: "not finished" not in text_of(browser, "rule-preview"))
    assert event.get_attribute("aria-invalid") is None
