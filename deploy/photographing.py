"""A headless Chromium that looks at the demo and takes pictures for docs/."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
# A browser that calls itself headless is a bot here, and no event of it is kept.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"
FLAGS = (
    "--headless=new",
    f"--user-agent={AGENT}",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
DESKTOP = (1280, 900)
PATIENCE_SECONDS = 15


@contextlib.contextmanager
def opened() -> Iterator[webdriver.Chrome]:
    """Open a browser that has never been here."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as folder:
        for flag in (*FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        browser.set_window_size(*DESKTOP)
        try:
            yield browser
        finally:
            browser.quit()


@contextlib.contextmanager
def signed_in(url: str, login: dict[str, str]) -> Iterator[webdriver.Chrome]:
    """Open a browser that is in the admin already."""
    with opened() as browser:
        browser.get(f"{url}/admin/")
        fill(browser, "username", login["username"])
        fill(browser, "password", login["password"])
        press(browser, '[type="submit"]')
        yield browser


def fill(browser: webdriver.Chrome, name: str, text: str) -> None:
    """Write into a field what was not there."""
    field = browser.find_element(By.NAME, name)
    field.clear()
    field.send_keys(text)


def press(browser: webdriver.Chrome, selector: str) -> None:
    """Press what the selector names."""
    found = browser.find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()


def picture(
    browser: webdriver.Chrome, name: str, *, height: int = DESKTOP[1], of: str = ""
) -> None:
    """Take a picture, from the top of what the selector names."""
    browser.set_window_size(DESKTOP[0], height)
    if of:
        found = browser.find_element(By.CSS_SELECTOR, of)
        browser.execute_script(
            "arguments[0].scrollIntoView({behavior: 'instant', block: 'start'})", found
        )
    browser.save_screenshot(str(PICTURES / f"{name}.png"))
    browser.set_window_size(*DESKTOP)
    print(f"docs/pictures/{name}.png")


def until(holds: Callable[[], object]) -> None:
    """Wait until something is true; raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"The page did not change within {PATIENCE_SECONDS} seconds.")
        time.sleep(0.1)
