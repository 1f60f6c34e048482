"""What the tests of the front doors share."""

import subprocess
from pathlib import Path

import pytest

NODE = Path(__file__).parent / "node"


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
