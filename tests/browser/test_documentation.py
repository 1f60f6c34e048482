"""What docs/send-us-your-data.md tells people to put on their pages works as it stands there."""

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from personalization.streams import stream
from tests.browser.site import running_site
from tests.factories import make_key

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.django_db(transaction=True),
]
PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "send-us-your-data.md").read_text()
SNIPPET: Final = re.compile(r"```(html|javascript)\n(.*?)```", re.DOTALL)
TAGS: Final = [code for language, code in SNIPPET.findall(PAGE) if language == "html"]
CALLS: Final = [code for language, code in SNIPPET.findall(PAGE) if language == "javascript"]


@pytest.mark.parametrize("tag", TAGS)
def test_the_tag_and_the_call_of_the_page_send_a_page_view(
    tag: str, browser: Chrome, live_server: LiveServer, settings: LazySettings
) -> None:
    key = make_key("collect", vouched=("analytics", "personalization"))
    ours = tag.replace("https://personalization.example", live_server.url)
    html = (
        f"<!doctype html><body>{ours.replace('COLLECT-KEY', key)}<script src='/page.js'></script>"
    )
    pages = {"/documented": html, "/page.js": "\n".join(CALLS)}

    with running_site(host=live_server.url, key=key, pages=pages) as site:
        settings.COLLECT_ORIGINS = [site.url]
        browser.get(f"{site.url}/documented")
        WebDriverWait(browser, 20, poll_frequency=0.1).until(lambda _: stream.backlog())

    (event,) = (payload for _, _, payloads in stream.waiting() for payload in payloads)
    assert event[1] == "page_view"


def test_the_page_shows_two_tags_and_how_to_say_yes() -> None:
    assert len(TAGS) == 2
    assert len(CALLS) == 1
