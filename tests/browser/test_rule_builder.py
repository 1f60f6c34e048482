"""The rule form in a real browser: searched, nested, moved and filled by keyboard."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from personalization.segments.models import Segment

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SECONDS = 20
COUNTRIES = """
    return [...document.querySelectorAll("#rule-rows [data-row]")].map((row) => (
        (row.closest("[data-group]") ? "+" : "") + row.querySelector('[name$="-value"]').value))
"""


def wait(browser: Chrome, until: Callable[[Chrome], object]) -> None:
    patience = WebDriverWait(browser, SECONDS, 0.1, [StaleElementReferenceException])
    patience.until(until)


def by_id(browser: Chrome, name: str) -> object:
    return browser.find_elements(By.ID, name)


def choose_fact(browser: Chrome, row: int, text: str, value: str) -> None:
    search = browser.find_element(By.ID, f"id_rule-{row}-fact_search")
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys(text)
    search.send_keys(Keys.ENTER)
    select = browser.find_element(By.ID, f"id_rule-{row}-fact")
    assert select.get_attribute("value") == value


def choose(browser: Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.NAME, name)).select_by_value(value)


def press(browser: Chrome, value: str) -> None:
    browser.find_element(By.CSS_SELECTOR, f'button[value="{value}"]').send_keys(Keys.ENTER)


def sign_in(browser: Chrome, url: str, marketer: User) -> None:
    browser.get(f"{url}/admin/segments/segment/add/")
    browser.find_element(By.NAME, "username").send_keys(marketer.username)
    browser.find_element(By.NAME, "password").send_keys("lantern-light")
    browser.find_element(By.CSS_SELECTOR, '[type="submit"]').click()
    wait(browser, lambda driver: by_id(driver, "id_rule-0-fact_search"))


def offered(browser: Chrome, name: str) -> set[str]:
    options = Select(browser.find_element(By.NAME, name)).options
    return {str(one.get_attribute("value")) for one in options if one.is_enabled()}


def add_country(browser: Chrome, row: int, country: str) -> None:
    choose_fact(browser, row, "another trait", "trait:")
    browser.find_element(By.NAME, f"rule-{row}-name").send_keys("country")
    choose(browser, f"rule-{row}-operator", "equals")
    browser.find_element(By.NAME, f"rule-{row}-value").send_keys(country)


def text_of(browser: Chrome, name: str) -> str:
    return browser.find_element(By.ID, name).text


def test_a_row_shows_what_its_fact_asks_for(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)

    choose_fact(browser, 0, "first event", "first")
    assert "before" in offered(browser, "rule-0-operator")
    assert "greater" not in offered(browser, "rule-0-operator")
    assert browser.find_element(By.NAME, "rule-0-value").get_attribute("type") == "date"
    assert browser.find_element(By.NAME, "rule-0-event").is_displayed()
    assert not browser.find_element(By.NAME, "rule-0-days").is_displayed()

    choose_fact(browser, 0, "near a place", "location")
    for name, value in (("latitude", "51.5"), ("longitude", "-0.1"), ("km", "25")):
        browser.find_element(By.NAME, f"rule-0-{name}").send_keys(value)
    assert "25 km around 51.5, -0.1" in text_of(browser, "rule-0")
    wait(browser, lambda driver: "Matches" in text_of(driver, "rule-preview"))
    wait(browser, lambda driver: "25 km from 51.5, -0.1" in text_of(driver, "rule-preview"))

    choose_fact(browser, 0, "time of day", "context:time")
    choose(browser, "rule-0-operator", "between_times")
    assert browser.find_element(By.NAME, "rule-0-low").get_attribute("type") == "time"


def test_groups_are_nested_and_ordered_by_keyboard(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    add_country(browser, 0, "Malta")

    press(browser, "group")
    wait(browser, lambda driver: by_id(driver, "id_rule-2-fact_search"))
    wait(
        browser,
        lambda driver: (
            driver.switch_to.active_element.get_attribute("id") == "id_rule-2-fact_search"
        ),
    )
    add_country(browser, 2, "Germany")
    press(browser, "add:1")
    wait(browser, lambda driver: by_id(driver, "id_rule-3-fact_search"))
    add_country(browser, 3, "France")
    wait(
        browser,
        lambda driver: (
            "Country is Malta and (country is Germany or country is France)."
            in text_of(driver, "rule-preview")
        ),
    )
    said = browser.find_element(By.ID, "rule-said").get_attribute("textContent")
    assert str(said).startswith("Country is Malta and")

    press(browser, "down:0")
    together = "(country is Malta or country is Germany or country is France)."
    wait(browser, lambda driver: together in text_of(driver, "rule-preview"))
    choose(browser, "rule-0-group", "all")
    wait(
        browser,
        lambda driver: "Nobody can fulfil this" in text_of(driver, "rule-2-warnings"),
    )
    browser.find_element(By.NAME, "name").send_keys("Nobody")
    browser.find_element(By.NAME, "_save").click()
    wait(browser, lambda _: Segment.objects.filter(name="Nobody").exists())
    [inner] = Segment.objects.get().rule["all"]
    assert [one["value"] for one in inner["all"]] == ["Malta", "Germany", "France"]


def handle(browser: Chrome, row: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f"#{row} [data-drag]")


def mouse(browser: Chrome, kind: str, x: float, y: float) -> None:
    button = {"button": "left", "buttons": 1, "clickCount": 1}
    at = {"type": kind, "x": x, "y": y, **button}
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", at)


def finger(browser: Chrome, kind: str, x: float, y: float) -> None:
    names = {"mousePressed": "touchStart", "mouseMoved": "touchMove", "mouseReleased": "touchEnd"}
    points = [] if kind == "mouseReleased" else [{"x": x, "y": y}]
    touch = {"type": names[kind], "touchPoints": points}
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", touch)


POINTERS: dict[str, Callable[[Chrome, str, float, float], None]] = {
    "mouse": mouse,
    "touch": finger,
}


def held_over(browser: Chrome, row: str, onto: str, *, at: float, kind: str, shows: str) -> None:
    """Hold a row by its handle over another, at this share of its height, until that shows where.

    As a person does who follows rows with the eye: what the page says of them may still move them.
    """
    target = browser.find_element(By.ID, onto)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
    held = box(browser, handle(browser, row))
    x, y = held["x"] + held["width"] / 2, held["y"] + held["height"] / 2
    act = POINTERS[kind]
    act(browser, "mousePressed", x, y)
    act(browser, "mouseMoved", x, y + 10)

    def is_there(driver: Chrome) -> bool:
        over = box(driver, driver.find_element(By.ID, onto))
        act(driver, "mouseMoved", x + 20, over["y"] + over["height"] * at)
        return drop_shown(driver, onto) == shows

    wait(browser, is_there)


def box(browser: Chrome, element: WebElement) -> dict[str, float]:
    found: dict[str, float] = browser.execute_script(
        "return arguments[0].getBoundingClientRect().toJSON()", element
    )
    return found


def drop_shown(browser: Chrome, row: str) -> str | None:
    return browser.find_element(By.ID, row).get_attribute("data-drop")


def let_go(browser: Chrome, kind: str) -> None:
    POINTERS[kind](browser, "mouseReleased", 0, 0)


def countries(browser: Chrome) -> list[str]:
    """Return the countries of the rows in order, those in a group behind a plus."""
    found: list[str] = browser.execute_script(COUNTRIES)
    return found


@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_rows_are_ordered_and_nested_by_dragging(
    browser: Chrome, live_server: LiveServer, marketer: User, kind: str
) -> None:
    sign_in(browser, live_server.url, marketer)
    add_country(browser, 0, "Malta")
    press(browser, "add")
    wait(browser, lambda driver: by_id(driver, "id_rule-1-fact_search"))
    add_country(browser, 1, "France")
    press(browser, "group")
    wait(browser, lambda driver: by_id(driver, "id_rule-3-fact_search"))
    add_country(browser, 3, "Italy")
    assert countries(browser) == ["Malta", "France", "+Italy"]

    held_over(browser, "rule-1", "rule-0", at=0.2, kind=kind, shows="before")
    let_go(browser, kind)
    wait(browser, lambda driver: countries(driver) == ["France", "Malta", "+Italy"])

    held_over(browser, "rule-0", "rule-3", at=0.8, kind=kind, shows="after")
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-drop], .rule-rows--dragging")
    let_go(browser, kind)
    assert countries(browser) == ["France", "Malta", "+Italy"]

    held_over(browser, "rule-0", "rule-3", at=0.8, kind=kind, shows="after")
    let_go(browser, kind)
    wait(browser, lambda driver: countries(driver) == ["Malta", "+Italy", "+France"])
    together = "Country is Malta and (country is Italy or country is France)."
    wait(browser, lambda driver: together in text_of(driver, "rule-preview"))


def test_the_handles_are_not_in_the_way_of_a_screen_reader(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)

    shown = handle(browser, "rule-0")

    assert shown.is_displayed()
    assert shown.get_attribute("aria-hidden") == "true"
    assert shown.get_attribute("tabindex") is None


def test_typing_to_choose_an_operator_stays_there(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    sign_in(browser, live_server.url, marketer)
    choose_fact(browser, 0, "number of events", "count")
    operator = browser.find_element(By.NAME, "rule-0-operator")

    operator.send_keys("is at least")

    assert browser.switch_to.active_element == operator
    assert operator.get_attribute("value") == "at_least"
