"""The house keeps its shape: import contracts and the size of files."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 300


def test_rooms_import_downwards_only() -> None:
    lint = Path(sys.executable).parent / "lint-imports"

    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_no_file_holds_two_rooms() -> None:
    folders = ("personalization", "consent", "catalog", "deploy", "tests", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]

    long = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if "migrations" not in path.parts  # written by a machine, and read by one
        and (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }

    assert files
    assert long == {}
