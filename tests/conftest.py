"""What every test stands on: a database and a Redis of its own, both real."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

from consent.keyspaces import patient_redis_connection, redis_connection
from personalization.access.throttling import forget_spending
from personalization.config.celery import app as celery
from personalization.events.standards import forget as forget_standards
from personalization.identifiers.kinds import forget_kinds
from personalization.pipeline.consuming import consume_once
from personalization.streams.stream import Reader

# These machines are shared: how long an example takes says nothing about the code.
hypothesis.settings.register_profile(
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared")

# Several people (or two xdist workers) can test on one machine: each lane has its own stores.
LANE = int(os.environ.get("TEST_LANE", "0"))
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
TEST_REDIS_DB = 10 + LANE + 5 * WORKER

# What tests with these markers run besides Python.
PROGRAMS = {
    "browser": ("chromium", "chromedriver"),
    "curl": ("bash", "curl"),
    "node": ("node", "npm"),
}

settings.REDIS_URL = re.sub(r"((\?|&)db=|/)\d+$", rf"\g<1>{TEST_REDIS_DB}", settings.REDIS_URL)
settings.CELERY_BROKER_URL = settings.REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
celery.conf.update(broker_url=settings.CELERY_BROKER_URL)
settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_lane_{LANE}"
# A test sees at once what it published.
settings.RULESET_PATIENCE = 30.0
# A client that keeps its connection to a live server must not keep one to the database.
settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
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
    forget_kinds()
    forget_standards()
    forget_spending()
    yield
    redis_connection().close()
    patient_redis_connection().close()


@pytest.fixture
def consume() -> Callable[[], None]:
    """Return what the consumer process does until nothing waits."""

    def run() -> None:
        reader = Reader(range(4))
        while consume_once(reader):
            pass

    return run


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests whose programs this machine lacks, unless they are demanded."""
    for marker in _unrunnable():
        if os.environ.get(f"{marker.upper()}_REQUIRED"):
            programs = " and ".join(PROGRAMS[marker])
            pytest.exit(f"Tests marked {marker} are required, but there is no {programs}.", 1)
        left_out = [item for item in items if item.get_closest_marker(marker)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly which tests did not run."""
    for marker in _unrunnable():
        terminalreporter.write_line(
            f"Tests marked {marker} did not run: install {' and '.join(PROGRAMS[marker])}.",
            yellow=True,
        )


def _unrunnable() -> list[str]:
    return [marker for marker, names in PROGRAMS.items() if not all(map(shutil.which, names))]
