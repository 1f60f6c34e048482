"""Use pages as somebody without a mouse does."""

from collections.abc import Callable
from typing import Final

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SECONDS: Final = 15
# More stops than any page of the admin has.
MOST_STOPS: Final = 250
IS_AT: Final = "return document.activeElement.matches(arguments[0])"
TEXT: Final = "return document.querySelector('#page, body').innerText.replace(/\\s+/g, ' ')"


class Keyboard:
    """A browser that is only typed into."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def type(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        ActionChains(self.browser).send_keys(*keys).perform()

    def go_to(self, selector: str) -> None:
        """Press Tab until the focus is on what the selector names."""
        for _ in range(MOST_STOPS):
            if self.is_at(selector):
                return
            self.type(Keys.TAB)
        raise AssertionError(f"No Tab leads to {selector}.")

    def is_at(self, selector: str) -> bool:
        """Whether the focus is there."""
        return bool(self.browser.execute_script(IS_AT, selector))

    def fill(self, selector: str, text: str) -> None:
        """Go to a field and type."""
        self.go_to(selector)
        self.type(text)

    def press(self, selector: str) -> None:
        """Go to a button or link and press Enter."""
        self.go_to(selector)
        self.type(Keys.ENTER)

    def choose_fact(self, row: int, text: str) -> None:
        """Search for a fact and take the first found."""
        self.fill(f"#id_rule-{row}-fact_search", text)
        self.type(Keys.ENTER)

    def wait_until(self, holds: Callable[[], object]) -> None:
        """Wait until something is true."""
        WebDriverWait(self.browser, SECONDS, poll_frequency=0.1).until(lambda _: holds())

    def wait_to_be_at(self, selector: str) -> None:
        """Wait until the focus is there."""
        self.wait_until(lambda: self.is_at(selector))

    def wait_for(self, *texts: str) -> None:
        """Wait until the page says all of this."""
        self.wait_until(lambda: all(text in self.page() for text in texts))

    def page(self) -> str:
        """Return what the page says."""
        return str(self.browser.execute_script(TEXT))
