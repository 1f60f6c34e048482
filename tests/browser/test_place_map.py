"""The map of a condition on location: clicked, dragged, zoomed and moved by keyboard."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from personalization.segments.models import Segment
from tests.browser.test_phone import narrow
from tests.browser.test_rule_builder import (
    choose,
    choose_fact,
    mouse,
    press,
    sign_in,
    text_of,
    wait,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
# Where a place is on the screen, by the projection of Mercator.
PIXEL = """
    const [latitude, longitude] = arguments;
    const svg = document.querySelector(".map__plot");
    const y = -Math.log(Math.tan(Math.PI / 4 + latitude * Math.PI / 360)) * 180 / Math.PI;
    const at = new DOMPoint(longitude, y).matrixTransform(svg.getScreenCTM());
    return [at.x, at.y];
"""
# How large it is on the screen; it is drawn on three copies of the world, the middle one is seen.
CIRCLE = """
    const svg = document.querySelector(".map__plot");
    const drawn = document.querySelector(".map__edge").getAttribute("d").split("M")[2];
    const points = drawn.replace("Z", "").split("L").map((one) => one.split(",").map(Number));
    const pixels = svg.clientWidth / svg.viewBox.baseVal.width;
    return [0, 1].map((at) => points.map((one) => one[at]))
        .map((all) => (Math.max(...all) - Math.min(...all)) * pixels);
"""
WHEEL = """
    const [x, y] = arguments;
    document.querySelector(".map__plot").dispatchEvent(new WheelEvent("wheel",
        { deltaY: -100, clientX: x, clientY: y, bubbles: true, cancelable: true }));
"""
COASTS = ".map__land"
LONDON = (51.5, -0.1)
OXFORD = (51.75, -1.25)
PARIS = (48.9, 2.4)


@pytest.fixture
def place(browser: Chrome, live_server: LiveServer, marketer: User) -> Chrome:
    sign_in(browser, live_server.url, marketer)
    open_map(browser)
    return browser


def open_map(browser: Chrome) -> None:
    choose_fact(browser, 0, "near a place", "location")
    wait(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, COASTS))
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot(browser))


def plot(browser: Chrome) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, ".map__plot")


def stated(browser: Chrome, *names: str) -> list[float]:
    fields = (browser.find_element(By.NAME, f"rule-0-{name}") for name in names)
    return [float(str(one.get_attribute("value"))) for one in fields]


def centre(browser: Chrome) -> tuple[float, float]:
    latitude, longitude = stated(browser, "latitude", "longitude")
    return latitude, longitude


def pixel(browser: Chrome, at: tuple[float, float]) -> tuple[float, float]:
    x, y = browser.execute_script(PIXEL, *at)
    return x, y


def click(browser: Chrome, at: tuple[float, float]) -> None:
    x, y = pixel(browser, at)
    mouse(browser, "mousePressed", x, y)
    mouse(browser, "mouseReleased", x, y)


def act(browser: Chrome, label: str) -> None:
    browser.find_element(By.CSS_SELECTOR, f'[aria-label="{label}"]').send_keys(Keys.ENTER)


def fill(browser: Chrome, **values: Any) -> None:
    for name, value in values.items():
        field = browser.find_element(By.NAME, f"rule-0-{name}")
        field.clear()
        field.send_keys(str(value))


def test_a_click_on_the_map_fills_the_fields_and_the_sentence(place: Chrome) -> None:
    click(place, LONDON)

    assert centre(place) == pytest.approx(LONDON, abs=0.6)
    latitude, longitude = (f"{one:g}" for one in centre(place))
    sentence = f"Location within 25 km from {latitude}, {longitude}."
    wait(place, lambda driver: sentence in text_of(driver, "rule-preview"))
    assert f"25 km around {latitude}, {longitude}" in text_of(place, "rule-0")


def test_a_circle_is_found_and_placed_exactly(place: Chrome) -> None:
    click(place, LONDON)

    act(place, "Show the circle")
    width, height = place.execute_script(CIRCLE)
    click(place, OXFORD)

    # It is round and can be seen, and a pixel is less than a kilometre or two.
    assert width == pytest.approx(height, abs=1.5)
    assert width > 40
    assert centre(place) == pytest.approx(OXFORD, abs=0.02)


def test_the_circle_is_as_wide_as_it_is_there(place: Chrome) -> None:
    fill(place, latitude=60, longitude=10, km=500)

    (west, _), (east, _) = (pixel(place, (60, 10 + far)) for far in (-9.04, 9.04))
    width, _ = place.execute_script(CIRCLE)

    # At 60 degrees north a degree is half as long: 500 km reach about nine of them.
    assert width == pytest.approx(east - west, rel=0.02)


def test_the_point_is_dragged_and_the_map_beneath_it(place: Chrome) -> None:
    fill(place, latitude=50, longitude=0, km=200)

    start, (x, y) = pixel(place, (50, 0)), pixel(place, (52, 4))
    mouse(place, "mousePressed", *start)
    mouse(place, "mouseMoved", (start[0] + x) / 2, (start[1] + y) / 2)
    mouse(place, "mouseMoved", x, y)
    mouse(place, "mouseReleased", x, y)
    assert centre(place) == pytest.approx((52, 4), abs=0.1)

    mouse(place, "mousePressed", *start)
    mouse(place, "mouseMoved", start[0] + 60, start[1])
    mouse(place, "mouseReleased", start[0] + 60, start[1])
    assert centre(place) == pytest.approx((52, 4), abs=0.1)
    assert pixel(place, (52, 4))[0] == pytest.approx(x + 60, abs=1.5)


def test_the_centre_is_moved_by_keyboard(place: Chrome) -> None:
    fill(place, latitude=50, longitude=0, km=25)
    map_ = plot(place)
    assert map_.get_attribute("aria-label") == "Centre of the circle"

    map_.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_UP)
    latitude, longitude = centre(place)
    map_.send_keys(Keys.SHIFT, Keys.ARROW_RIGHT)
    _, little = centre(place)
    before, _ = place.execute_script(CIRCLE)
    map_.send_keys("+")

    assert latitude > 50
    assert longitude > 0
    assert 0 < little - longitude < longitude / 5
    assert place.execute_script(CIRCLE)[0] == pytest.approx(2 * before, rel=0.05)


def test_the_wheel_zooms_where_the_pointer_is(place: Chrome) -> None:
    at = pixel(place, PARIS)

    for _ in range(6):
        place.execute_script(WHEEL, *at)

    assert pixel(place, PARIS) == pytest.approx(at, abs=2)
    assert pixel(place, LONDON)[1] < at[1] - 15


def test_what_is_typed_is_shown_on_the_map_wherever_it_is(place: Chrome) -> None:
    fill(place, latitude=-17.7, longitude=178.9, km=300)

    assert place.execute_script(CIRCLE)[0] > 40
    x, y = pixel(place, (-17.7, 178.9))
    box = place.execute_script("return arguments[0].getBoundingClientRect().toJSON()", plot(place))
    assert box["left"] < x < box["right"]
    assert box["top"] < y < box["bottom"]


def test_a_place_is_chosen_on_a_phone(
    browser: Chrome, live_server: LiveServer, marketer: User
) -> None:
    narrow(browser)
    sign_in(browser, live_server.url, marketer)
    open_map(browser)

    click(browser, PARIS)
    act(browser, "Show the circle")
    browser.find_element(By.NAME, "name").send_keys("Near Paris")
    browser.find_element(By.NAME, "_save").click()

    wait(browser, lambda _: Segment.objects.filter(name="Near Paris").exists())
    [condition] = Segment.objects.get().rule["all"]
    assert condition["value"][:2] == pytest.approx(PARIS, abs=1.5)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_the_map_of_a_row_comes_and_goes_with_its_fact(place: Chrome) -> None:
    choose_fact(place, 0, "number of events", "count")
    assert not plot(place).is_displayed()

    choose_fact(place, 0, "near a place", "location")
    choose(place, "rule-0-operator", "beyond_km")
    assert plot(place).is_displayed()
    press(place, "add")
    wait(place, lambda driver: len(driver.find_elements(By.CSS_SELECTOR, ".map__plot")) == 1)
