"""The pictures of "Segments for marketers"."""

from photographing import fill, picture, press, until
from selenium import webdriver
from selenium.webdriver.common.by import By

SEGMENTS = "/admin/segments/segment/"
FREQUENT = "Frequent buyers"
COMPARED = ("frequent-buyers", "big-spenders", "lapsed-buyers")
# The demo's year of data has orders, and views only of whoever looks around.
STEPS = ("purchase", "purchase", "purchase")
FUNNEL = "Three orders in sixty days"
SIXTY_DAYS = str(60 * 24 * 60)


def take_segment_pictures(
    url: str, *, marketer: webdriver.Chrome, administrator: webdriver.Chrome
) -> None:
    """Take them as a marketer, and as the administrator who approves and may see profiles."""
    for name, page, height in (
        ("segment-start", f"{SEGMENTS}start/", 1300),
        ("segment-check", f"{SEGMENTS}lint/", 900),
        ("segment-overlap", f"{SEGMENTS}overlap/?{_query('segments', COMPARED)}", 1500),
    ):
        administrator.get(f"{url}{page}")
        picture(administrator, name, height=height)
    _open_segment(administrator, url, FREQUENT)
    picture(administrator, "admin-segment", height=1300)
    _why(administrator)
    _builder(administrator, url)
    _funnel(administrator, url)
    _approval(url, marketer=marketer, administrator=administrator)


def _builder(browser: webdriver.Chrome, url: str) -> None:
    """Show a group, and help with a number."""
    browser.get(f"{url}{SEGMENTS}add/?template=high-value")
    press(browser, "#rule-add-group")
    until(lambda: browser.find_elements(By.CSS_SELECTOR, "[data-group]"))
    press(browser, '[value="spread:0"]')
    until(lambda: browser.find_elements(By.CSS_SELECTOR, "#rule-0-spread"))
    until(lambda: "Matches" in browser.find_element(By.ID, "rule-preview").text)
    picture(browser, "segment-builder", height=1300, of=".rule")


def _why(browser: webdriver.Chrome) -> None:
    """Ask of the first of those whom the page of the segment shows."""
    sample = browser.find_element(By.CSS_SELECTOR, ".rule__samples a").text
    page = browser.find_element(By.CSS_SELECTOR, 'a[href*="/why/"]').get_attribute("href")
    browser.get(f"{page}?profile={sample}")
    picture(browser, "segment-why", height=1100)


def _funnel(browser: webdriver.Chrome, url: str) -> None:
    browser.get(f"{url}/admin/segments/funnel/")
    if not browser.find_elements(By.LINK_TEXT, FUNNEL):
        browser.get(f"{url}/admin/segments/funnel/add/")
        fill(browser, "name", FUNNEL)
        for number, event in enumerate(STEPS, start=1):
            fill(browser, f"steps-{number}-event", event)
        fill(browser, "window_minutes", SIXTY_DAYS)
        press(browser, '[name="_save"]')
    browser.get(f"{url}/admin/segments/funnel/?q={FUNNEL.split(maxsplit=1)[0]}")
    chart = _first(browser, 'a[href*="/chart/"]')
    browser.get(f"{chart}?days=365")
    picture(browser, "segment-funnel")


def _approval(url: str, *, marketer: webdriver.Chrome, administrator: webdriver.Chrome) -> None:
    """Submit a change, look at it, approve it, look at what it changed, and take it back."""
    _demand_approval(administrator, url, demanded=True)
    before = _publish_with(marketer, url, "6")
    administrator.get(f"{url}/admin/segments/proposal/")
    administrator.get(_first(administrator, 'a[href*="/segments/proposal/"][href*="/change/"]'))
    picture(administrator, "segment-approval")
    press(administrator, '[name="_approve"]')
    administrator.get(f"{url}/admin/segments/publication/")
    administrator.get(_first(administrator, 'a[href$="/changes/"]'))
    picture(administrator, "segment-changes", height=700)
    _demand_approval(administrator, url, demanded=False)
    _publish_with(marketer, url, before)


def _publish_with(browser: webdriver.Chrome, url: str, number: str) -> str:
    """Publish the segment with this number in its first condition; return what it was."""
    _open_segment(browser, url, FREQUENT)
    before = str(browser.find_element(By.NAME, "rule-0-value").get_attribute("value"))
    fill(browser, "rule-0-value", number)
    press(browser, '[name="_publish"]')
    return before


def _demand_approval(browser: webdriver.Chrome, url: str, *, demanded: bool) -> None:
    browser.get(f"{url}/admin/segments/publishingpolicy/1/change/")
    box = browser.find_element(By.NAME, "needs_approval")
    if box.is_selected() is not demanded:
        browser.execute_script("arguments[0].click()", box)
    press(browser, '[name="_save"]')


def _open_segment(browser: webdriver.Chrome, url: str, name: str) -> None:
    browser.get(f"{url}{SEGMENTS}?q={name.split(maxsplit=1)[0]}")
    browser.get(str(browser.find_element(By.LINK_TEXT, name).get_attribute("href")))
    until(lambda: browser.find_element(By.ID, "rule-preview").text)


def _first(browser: webdriver.Chrome, selector: str) -> str:
    return str(browser.find_element(By.CSS_SELECTOR, selector).get_attribute("href"))


def _query(name: str, values: tuple[str, ...]) -> str:
    return "&".join(f"{name}={value}" for value in values)
