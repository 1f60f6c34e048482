"""What every test stands on: a database and a Redis of its own, both real."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from consent.keyspaces import patient_redis_connection, redis_connection
from personalization.config.celery import app as celery

# Several people (or two xdist workers) can test on one machine: each lane has its own stores.
LANE = int(os.environ.get("TEST_LANE", "0"))
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
TEST_REDIS_DB = 10 + LANE + 5 * WORKER

settings.REDIS_URL = re.sub(r"((\?|&)db=|/)\d+$", rf"\g<1>{TEST_REDIS_DB}", settings.REDIS_URL)
settings.CELERY_BROKER_URL = settings.REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
celery.conf.update(broker_url=settings.CELERY_BROKER_URL)
settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_lane_{LANE}"
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "whitenoise" not in path]
# Models that tests train must not replace those of a running demo.
settings.ARTIFACT_DIR = Path(tempfile.mkdtemp(prefix="artifacts-"))
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def clean_redis() -> Iterator[None]:
    """Give each test an empty Redis."""
    redis_connection.cache_clear()
    patient_redis_connection.cache_clear()
    patient_redis_connection().flushdb()
    yield
    redis_connection().close()
    patient_redis_connection().close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave browser tests out where there is no browser, unless one is demanded."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return
    if os.environ.get("BROWSER_REQUIRED"):
        pytest.exit("Browser tests are required, but there is no chromium and chromedriver.", 1)
    browser = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=browser)
    items[:] = [item for item in items if item not in browser]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly when the browser tests did not run."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        terminalreporter.write_line(
            "Browser tests did not run: install chromium and chromedriver to run them.", yellow=True
        )
