"""docs/send-us-your-data.md tells the truth: each of its snippets is run as it stands."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.db import connection
from django.template import Context, Template
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from personalization.connectors.models import Connection
from personalization.events.models import Event
from tests.factories import agree, make_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("node")]
ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "send-us-your-data.md").read_text()
BLOCK: Final = re.compile(
    r"(?P<skip><!-- not run[^>]*-->\n)?```(?P<language>\w+)\n(?P<code>.*?)```\n"
    r"(?:```text\n(?P<printed>.*?)```)?",
    re.DOTALL,
)
KEEP_NO_EVENT: Final = ("/debug/mp/collect", "import_catalog", "/catalog/items")
HELPDESK: Final = """
source = "helpdesk"
key = "id"
[identifiers]
email = "customer.email"
[traits]
plan = "customer.plan"
"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A block of the page, and the block below it that says what it prints."""

    language: str
    code: str
    printed: str | None


SNIPPETS: Final = [
    Snippet(found["language"], found["code"], found["printed"])
    for found in BLOCK.finditer(PAGE)
    if not found["skip"]
]
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sh": ("bash", "-euc"),
    "python": (sys.executable, "-c"),
    "js": ("node", "--input-type=module", "-e"),
}
# tests/browser/test_documentation.py runs these.
IN_BROWSERS: Final = ("html", "javascript")
MARKS: Final = {"sh": [pytest.mark.curl], "js": [pytest.mark.node]}


@pytest.fixture
def environment(
    live_server: LiveServer, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Return what the page tells its reader to set, on the test's stores."""
    agree(user_id="anna")
    monkeypatch.setenv("CONNECTOR_SECRET_HELPDESK", "signing-secret")
    Connection.objects.create(
        key="helpdesk",
        name="Help desk",
        kind="webhook",
        secret_variable="CONNECTOR_SECRET_HELPDESK",
        mapping=HELPDESK,
        vouched_purposes=["analytics"],
        is_active=True,
    )
    settings.COLLECT_KEY = make_key("collect")
    database = urlsplit(os.environ["DATABASE_URL"])
    return {
        **os.environ,
        "HOST": live_server.url,
        "WEBHOOK_SECRET": "signing-secret",
        "KEY": make_key("events", "profiles", "catalog", vouched=("analytics", "personalization")),
        "COLLECT_KEY": settings.COLLECT_KEY,
        "DATABASE_URL": database._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "REDIS_URL": settings.REDIS_URL,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def test_every_snippet_is_found_and_can_be_run() -> None:
    assert len(SNIPPETS) == (
        PAGE.count("```") / 2 - PAGE.count("<!-- not run") - PAGE.count("```text")
    )
    assert {snippet.language for snippet in SNIPPETS} == {*COMMANDS, "django", *IN_BROWSERS}


@pytest.mark.parametrize(
    "snippet",
    [
        pytest.param(one, marks=MARKS.get(one.language, []))
        for one in SNIPPETS
        if one.language in COMMANDS
    ],
)
def test_a_snippet_prints_what_the_page_says_and_its_event_arrives(
    snippet: Snippet,
    environment: dict[str, str],
    consume: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    folder = request.getfixturevalue("node_packages") if snippet.language == "js" else ROOT

    done = subprocess.run(
        [*COMMANDS[snippet.language], snippet.code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    consume()

    assert done.returncode == 0, done.stderr
    if snippet.printed is not None:
        assert done.stdout.strip() == snippet.printed.strip()
    assert Event.objects.exists() != any(one in snippet.code for one in KEEP_NO_EVENT)


def test_the_pixel_of_the_page_is_an_event(
    client: Client, environment: dict[str, str], consume: Callable[[], None]
) -> None:
    (snippet,) = (one for one in SNIPPETS if one.language == "django")

    image = Template(snippet.code).render(Context())
    client.get(image.split('"')[1].replace("&amp;", "&"))
    consume()

    assert Event.objects.get().type == "email_open"
