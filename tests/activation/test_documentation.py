"""docs/activation.md tells the truth: its snippets are run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from consent.subjects import Identifier
from personalization.activation.passing_on import pass_news_on
from tests.factories import NOON, make_key

from .conftest import SECRET, Receiver
from .world import act, make_destination, make_segment, pass_on, visitor, watch

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "activation.md").read_text()
VERIFYING, READING = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(ASKING,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
(SHOWN,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.django_db
def test_the_receiver_tells_genuine_news_from_forged(receiver: Receiver) -> None:
    told: dict[str, Any] = {}
    exec(VERIFYING, told)  # noqa: S102  # our own page
    make_destination(receiver.url, make_segment())
    act(visitor())
    pass_on()
    (got,) = receiver.got
    now = NOON.timestamp()

    assert told["is_genuine"](got.headers, got.body, SECRET, now)
    assert not told["is_genuine"](got.headers, got.body + b" ", SECRET, now)
    assert not told["is_genuine"](got.headers, got.body, "whsec_" + "A" * 32, now)
    assert not told["is_genuine"](got.headers, got.body, SECRET, now + 301)
    later = {**got.headers, "webhook-timestamp": str(int(now) + 1)}
    assert not told["is_genuine"](later, got.body, SECRET, now)


@pytest.mark.django_db
def test_news_has_the_fields_that_the_page_shows(receiver: Receiver) -> None:
    make_destination(receiver.url, make_segment())
    act(visitor())
    pass_on()

    shown, sent = json.loads(SHOWN), receiver.got[0].json
    assert (shown.keys(), shown["data"].keys()) == (sent.keys(), sent["data"].keys())


@pytest.mark.django_db
def test_the_stream_is_read_as_the_page_says() -> None:
    watch(make_segment())
    anna = visitor()
    act(anna)
    pass_news_on(now=NOON)

    done = subprocess.run(
        [sys.executable, "-c", READING],
        env={**os.environ, "REDIS_URL": settings.REDIS_URL},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout == f"segment.entered buyers {anna.pk} {NOON.isoformat()}\n"


@pytest.mark.curl
@pytest.mark.django_db(transaction=True)
def test_a_system_learns_how_its_users_are_named(live_server: LiveServer) -> None:
    shell = {**os.environ, "HOST": live_server.url, "KEY": make_key("segments")}

    done = subprocess.run(
        ["bash", "-euc", ASKING],  # noqa: S607
        env=shell,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    named = [Identifier("user", name).pseudonym for name in ("anna", "bert")]
    assert json.loads(done.stdout) == {"pseudonyms": named}
