"""Run the processes of the Procfile, restart what dies, and leave none behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psutil
from honcho.environ import parse_procfile
from identity import is_same, mark

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 10
# A process that dies at once is started again ever more slowly.
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


@dataclass(slots=True)
class Running:
    """One process of the Procfile: a session of its own, so that its children end with it."""

    name: str
    command: str
    environment: Mapping[str, str]
    folder: Path
    process: "subprocess.Popen[bytes]" = field(init=False)
    pause: float = FIRST_PAUSE_SECONDS
    restart_at: float | None = None

    def start(self) -> None:
        """Start it, or start it again."""
        # exec: the shell only reads the line, so that the signal reaches the program itself.
        self.process = subprocess.Popen(  # noqa: S602  # our own Procfile
            f"exec {self.command}",
            shell=True,
            env=dict(self.environment),
            cwd=self.folder,
            start_new_session=True,
        )
        self.restart_at = None

    def look_after(self) -> None:
        """Start it again where it has died, after a pause that grows."""
        if self.process.poll() is None:
            return
        if self.restart_at is None:
            print(
                f"{self.name} ended ({self.process.returncode}) and is started again.", flush=True
            )
            self.restart_at = time.monotonic() + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        elif time.monotonic() >= self.restart_at:
            self.start()


def run_procfile(path: Path, *, environment: Mapping[str, str], var: Path) -> None:
    """Run every process of the Procfile until SIGINT or SIGTERM, and then end them all."""
    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    lines = parse_procfile(path.read_text()).processes
    found = [Running(name, line, environment, path.parent) for name, line in lines.items()]
    try:
        for one in found:
            one.start()
        while not stopping.wait(POLL_SECONDS):
            for one in found:
                one.look_after()
            _note(var, found)
    finally:
        _end([psutil.Process(one.process.pid) for one in found if one.process.poll() is None])
        _notes(var).unlink(missing_ok=True)


def end_left_behind(var: Path) -> None:
    """End the processes of a run that was itself killed; leave those of one that still runs."""
    if not _notes(var).exists():
        return
    owner, *left = (_found(note) for note in json.loads(_notes(var).read_text()))
    if owner is not None:
        raise SystemExit(f"A demo of this folder already runs (process {owner.pid}).")
    _end([process for process in left if process is not None])
    _notes(var).unlink()


def _notes(var: Path) -> Path:
    return var / "processes.json"


def _note(var: Path, found: list[Running]) -> None:
    """Write down who we are, and what runs; start times tell a number that was given again."""
    pids = [os.getpid(), *(one.process.pid for one in found if one.process.poll() is None)]
    _notes(var).write_text(json.dumps([(pid, mark(pid)) for pid in pids]))


def _found(note: tuple[int, float]) -> psutil.Process | None:
    return psutil.Process(note[0]) if is_same(*note) else None


def _end(processes: list[psutil.Process]) -> None:
    """Ask each group to end, and kill what has not after ten seconds."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)
    for process in stubborn:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=PATIENCE_SECONDS)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        print(f"Process {process.pid} had ended by itself.", file=sys.stderr)
