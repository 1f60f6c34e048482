"""`make screenshots`: the pictures of docs/, taken of the running demo with headless Chromium."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
DESKTOP = (1280, 900)
PHONE = (390, 844)


def main() -> None:
    demo = json.loads((ROOT / "var" / "demo.json").read_text())
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        browser = _open(folder)
        try:
            _shop(browser, demo["url"])
            _admin(browser, demo["url"], demo["logins"]["administrator"])
        finally:
            browser.quit()


def _shop(browser: webdriver.Chrome, url: str) -> None:
    browser.get(f"{url}/")
    _picture(browser, "home-new-visitor")
    _press(browser, 'button[name="choice"][value="accept"]')
    browser.get(f"{url}/shelves/christmas/")
    items = [
        link.get_attribute("href")
        for link in browser.find_elements(By.CSS_SELECTOR, 'main a[href*="/items/"]')
    ]
    for address in list(dict.fromkeys(items))[:3]:
        browser.get(str(address))
    _picture(browser, "item")
    _until(browser, lambda: "More" in _hero(browser, url))
    _picture(browser, "home-after-three-views")
    browser.execute_script(
        "const why = document.getElementById('why'); why.open = true;"
        "why.scrollIntoView({behavior: 'instant'})"
    )
    _picture(browser, "why")
    browser.get(f"{url}/")
    _picture(browser, "home-phone", size=PHONE)


def _admin(browser: webdriver.Chrome, url: str, login: dict[str, str]) -> None:
    browser.get(f"{url}/admin/")
    browser.find_element(By.NAME, "username").send_keys(login["username"])
    browser.find_element(By.NAME, "password").send_keys(login["password"])
    _press(browser, '[type="submit"]')
    for name, path in (
        ("admin-segments", "segments/segment/"),
        ("admin-activities", "content/activity/"),
        ("admin-models", "learning/modelversion/"),
        ("admin-privacy-requests", "consent/privacyrequest/"),
    ):
        browser.get(f"{url}/admin/{path}")
        _picture(browser, name)
    browser.get(f"{url}/admin/segments/segment/?q=Frequent")
    browser.get(str(browser.find_element(By.LINK_TEXT, "Frequent buyers").get_attribute("href")))
    _picture(browser, "admin-segment", size=(1280, 1300))


def _hero(browser: webdriver.Chrome, url: str) -> str:
    browser.get(f"{url}/")
    return browser.find_element(By.CSS_SELECTOR, '[data-placement="home_hero"]').text


def _open(folder: str) -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    return webdriver.Chrome(options, Service(shutil.which("chromedriver")))


def _press(browser: webdriver.Chrome, selector: str) -> None:
    browser.find_element(By.CSS_SELECTOR, selector).click()


def _picture(browser: webdriver.Chrome, name: str, *, size: tuple[int, int] = DESKTOP) -> None:
    browser.set_window_size(*size)
    browser.save_screenshot(str(PICTURES / f"{name}.png"))
    browser.set_window_size(*DESKTOP)
    print(f"docs/pictures/{name}.png")


def _until(browser: webdriver.Chrome, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("The page did not change within ten seconds.")


if __name__ == "__main__":
    main()
