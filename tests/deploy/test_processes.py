"""The demo's processes: started again when they die, and never left behind."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from identity import is_same
from processes import end_left_behind

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
RUN = """
import os, pathlib, sys
from processes import run_procfile
folder = pathlib.Path(sys.argv[1])
run_procfile(folder / "Procfile", environment=dict(os.environ), var=folder)
"""


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def notes(folder: Path) -> list[tuple[int, float]]:
    path = folder / "processes.json"
    return [tuple(note) for note in json.loads(path.read_text() or "[]")] if path.exists() else []


@pytest.fixture
def owner(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a Procfile of one process that sleeps."""
    (tmp_path / "Procfile").write_text("sleeper: sleep 300\n")
    process = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], cwd=DEPLOY)
    until(lambda: len(notes(tmp_path)) == 2)
    yield process
    process.kill()
    process.wait()
    for pid, started in notes(tmp_path)[1:]:
        if is_same(pid, started):
            psutil.Process(pid).kill()


def test_what_a_killed_run_left_behind_is_ended(
    tmp_path: Path, owner: "subprocess.Popen[bytes]"
) -> None:
    _, sleeper = notes(tmp_path)
    owner.kill()
    owner.wait()
    assert is_same(*sleeper)

    end_left_behind(tmp_path)

    assert not is_same(*sleeper)


def test_a_run_that_still_runs_is_left_alone(
    tmp_path: Path, owner: "subprocess.Popen[bytes]"
) -> None:
    _, sleeper = notes(tmp_path)

    with pytest.raises(SystemExit, match="already runs"):
        end_left_behind(tmp_path)

    assert is_same(*sleeper)


def test_a_process_that_dies_is_started_again(
    tmp_path: Path, owner: "subprocess.Popen[bytes]"
) -> None:
    _, (first, _) = notes(tmp_path)
    psutil.Process(first).kill()

    until(lambda: len(notes(tmp_path)) == 2 and notes(tmp_path)[1][0] != first)


def test_told_to_stop_it_ends_everything(tmp_path: Path, owner: "subprocess.Popen[bytes]") -> None:
    _, sleeper = notes(tmp_path)

    owner.send_signal(signal.SIGTERM)

    assert owner.wait(timeout=15) == 0
    assert not is_same(*sleeper)
    assert notes(tmp_path) == []
