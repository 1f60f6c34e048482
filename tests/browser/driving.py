"""Drive pages that have the browser script, and see what arrived of them."""

from collections.abc import Callable
from typing import Any, Final

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from personalization.events.accepted import AcceptedEvent
from personalization.streams import stream

SECONDS: Final = 20
AGREE: Final = "personalization.consent({analytics: true, personalization: true})"
ELSEWHERE: Final = "about:blank"
# How often the page has called the door.
CALLS: Final = (
    "return performance.getEntriesByType('resource').filter((r) => r.name.includes('/t?')).length"
)


def wait(browser: Chrome, until: Callable[[], object]) -> None:
    # What a script has just replaced is looked for anew.
    patience = WebDriverWait(browser, SECONDS, 0.1, [StaleElementReferenceException])
    patience.until(lambda _: until())


def open_page(browser: Chrome, url: str) -> None:
    """Open a page, and wait until the script runs on it."""
    browser.get(url)
    wait(browser, lambda: run(browser, "return !!window.personalization?.consent"))


def open_agreed(browser: Chrome, url: str) -> None:
    open_page(browser, url)
    run(browser, AGREE)


def run(browser: Chrome, code: str) -> Any:
    return browser.execute_script(code)


def arrived(*types: str) -> list[AcceptedEvent]:
    """Return the events of these types, each message once, in the order of their times."""
    payloads = [payload for _, _, batch in stream.waiting() for payload in batch]
    events = {event.message_id: event for event in map(AcceptedEvent.from_wire, payloads)}
    found = [event for event in events.values() if event.type in types]
    return sorted(found, key=lambda event: event.occurred_at)


def kept(browser: Chrome) -> int:
    """Return how many events the browser holds back."""
    held = run(browser, "return JSON.parse(localStorage['personalization.waiting'] || 'null')")
    return len(held["events"]) if held else 0


def storage(browser: Chrome) -> list[str]:
    names: list[str] = run(browser, "return Object.keys(localStorage)")
    return names


def go(browser: Chrome, *, offline: bool) -> None:
    browser.set_network_conditions(offline=offline, latency=0, throughput=-1)
