"""A real shop for a real browser: web server, stream consumer as a second process, Chromium."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings, settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from consent.keyspaces import patient_redis_connection
from personalization.config.demo.activities import make_activities
from personalization.content.rulesets import forget_ruleset
from personalization.pipeline.warming import COMPLETE
from tests.browser.site import Site, running_site
from tests.factories import make_item, make_key

ROOT = Path(__file__).resolve().parent.parent.parent
# A browser that calls itself headless is a bot here, and no event of it is kept.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"
FLAGS = (
    "--headless=new",
    f"--user-agent={AGENT}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1400",
)


@contextlib.contextmanager
def opened(folder: Path, *, preferences: Mapping[str, Any]) -> Iterator[webdriver.Chrome]:
    """Yield a headless Chromium with an empty profile but for these preferences."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    options.add_experimental_option("prefs", dict(preferences))
    for flag in (*FLAGS, f"--user-data-dir={folder}/chromium"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """Open a headless Chromium."""
    with opened(tmp_path, preferences={}) as driver:
        yield driver


@pytest.fixture
def shop(transactional_db: None, settings: object) -> None:
    """Put items of two categories on the shelves, and publish the demo's activities."""
    for n in range(4):
        make_item(f"1000{n}", name=f"Lantern {n}", category="lanterns")
        make_item(f"2000{n}", name=f"Bag {n}", category="bags")
    make_activities(now=timezone.now())
    forget_ruleset()
    settings.COLLECT_KEY = make_key("collect")  # type: ignore[attr-defined]


@pytest.fixture
def marketer(transactional_db: None) -> User:
    """Make a login that may do what marketers may."""
    user = User.objects.create_user("marketer", password="lantern-light", is_staff=True)
    user.groups.add(Group.objects.get(name="Marketer"))
    return user


@pytest.fixture
def consumer(transactional_db: None) -> Iterator[None]:
    """Run the stream consumer as its own process on the test's stores."""
    database = str(connection.settings_dict["NAME"])
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    environment = {**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "consume_events"], env=environment
    )
    deadline = time.monotonic() + 30
    while not patient_redis_connection().exists(COMPLETE):
        assert time.monotonic() < deadline, "The consumer did not start."
        time.sleep(0.05)
    yield
    process.terminate()
    assert process.wait(timeout=20) == 0


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, settings: LazySettings) -> Iterator[Site]:
    """Run another site that has our tag on its pages."""
    key = make_key("collect", vouched=("analytics", "personalization"))
    with running_site(host=live_server.url, key=key) as running:
        settings.COLLECT_ORIGINS = [running.url]
        yield running
