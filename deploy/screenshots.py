"""`make screenshots`: every picture that docs/ and the README show, taken of the running demo.

What it changes in the demo for a picture it takes back: the publishing rule, a segment's rule.
"""

import json

from photographing import PICTURES, ROOT, opened, picture, press, signed_in, until
from segment_pictures import take_segment_pictures
from selenium import webdriver
from selenium.webdriver.common.by import By


def main() -> None:
    demo = json.loads((ROOT / "var" / "demo.json").read_text())
    PICTURES.mkdir(parents=True, exist_ok=True)
    with opened() as browser:
        _shop(browser, demo["url"])
    url, logins = demo["url"], demo["logins"]
    with (
        signed_in(url, logins["administrator"]) as administrator,
        signed_in(url, logins["marketer"]) as marketer,
    ):
        take_segment_pictures(url, marketer=marketer, administrator=administrator)


def _shop(browser: webdriver.Chrome, url: str) -> None:
    browser.get(f"{url}/")
    picture(browser, "home-new-visitor")
    press(browser, 'button[name="choice"][value="accept"]')
    browser.get(f"{url}/shelves/christmas/")
    items = [
        link.get_attribute("href")
        for link in browser.find_elements(By.CSS_SELECTOR, 'main a[href*="/items/"]')
    ]
    for address in list(dict.fromkeys(items))[:3]:
        browser.get(str(address))
    until(lambda: "More" in _hero(browser, url))
    picture(browser, "home-after-three-views")


def _hero(browser: webdriver.Chrome, url: str) -> str:
    browser.get(f"{url}/")
    return browser.find_element(By.CSS_SELECTOR, '[data-placement="home_hero"]').text


if __name__ == "__main__":
    main()
