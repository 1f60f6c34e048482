"""Segment's own libraries, unmodified, pointed at this project."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import segment.analytics
from pytest_django.live_server_helper import LiveServer

from personalization.events.models import Event
from personalization.profiles.models import Profile
from tests.factories import make_item, make_key

# One worker at a time installs the packages.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("node")]
KINDS = ["group", "identify", "identify", "page_view", "purchase", "purchase", "screen_view"]


@pytest.fixture
def key(transactional_db: None) -> str:
    make_item("1001", category="lanterns")
    return make_key("events", vouched=("analytics", "personalization"))


@pytest.mark.parametrize("is_compressed", [False, True])
def test_the_python_library_delivers_every_kind_of_call(
    live_server: LiveServer, key: str, consume: Callable[[], None], is_compressed: bool
) -> None:
    failures: list[Any] = []
    client = segment.analytics.Client(
        key,
        host=live_server.url,
        gzip=is_compressed,
        max_retries=0,
        on_error=lambda error, batch: failures.append(error),
    )
    lines = [{"product_id": "1001", "price": 3.5, "quantity": 2}, {"product_id": "1002"}]

    client.identify("petra", {"plan": "pro", "company": {"plan": "gold"}, "likes": ["red"]})
    client.track("petra", "Order Completed", {"order_id": "P1", "products": lines})
    client.page("petra", "Docs", "Python", {"url": "https://shop.example/"})
    client.screen("petra", "Home", "Start")
    client.group("petra", "g1", {"industry": "Lamps"})
    client.alias("browser-of-petra", "petra")
    client.shutdown()
    consume()

    assert failures == []
    assert sorted(Event.objects.values_list("type", flat=True)) == KINDS
    facts = Profile.objects.get().facts
    assert facts["traits"] == {"plan": "pro", "company_plan": "gold", "likes": "red"}
    assert sum(facts["counts"]["purchase"].values()) == 1
    assert sum(facts["sums"]["purchase"].values()) == 7.0


def test_the_python_library_hears_what_is_wrong(live_server: LiveServer, key: str) -> None:
    failures: list[Any] = []
    client = segment.analytics.Client(
        key,
        host=live_server.url,
        max_retries=0,
        on_error=lambda error, batch: failures.append(error),
    )

    client.track("p" * 200, "Report Submitted")
    client.shutdown()

    assert "userId: Use a text of 1 to 128 characters." in str(failures[0])


@pytest.mark.node
def test_the_node_library_delivers_every_kind_of_call(
    live_server: LiveServer, key: str, consume: Callable[[], None], node_packages: Path
) -> None:
    done = _node(node_packages, live_server.url, key)
    consume()

    assert done.returncode == 0, done.stderr
    assert sorted(Event.objects.values_list("type", flat=True)) == KINDS
    facts = Profile.objects.get().facts
    assert facts["traits"] == {"plan": "pro", "company_plan": "gold", "likes": "red"}
    assert sum(facts["sums"]["purchase"].values()) == 8.0


@pytest.mark.node
def test_the_node_library_hears_what_is_wrong(
    live_server: LiveServer, key: str, node_packages: Path
) -> None:
    done = _node(node_packages, live_server.url, "nonsense")

    assert done.returncode == 1
    assert "401" in done.stderr
    assert not Event.objects.exists()


def _node(folder: Path, host: str, key: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["node", "send.mjs", host, key],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
