"""What the tests of the front doors share."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from personalization.pipeline.consuming import consume_once
from personalization.streams.stream import Reader

NODE = Path(__file__).parent / "node"


@pytest.fixture
def consume() -> Callable[[], None]:
    """Return what the consumer process does until nothing waits."""

    def run() -> None:
        reader = Reader(range(4))
        while consume_once(reader):
            pass

    return run


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """Install what the lock file names, where it is not installed yet, and return the folder."""
    if not (NODE / "node_modules" / "@segment").exists():
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"],  # noqa: S607
            cwd=NODE,
            check=True,
            capture_output=True,
            timeout=300,
        )
    return NODE
