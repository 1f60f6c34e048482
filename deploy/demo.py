"""`make demo`: set everything up, load real data once, and serve until told to stop."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

from environment import local_environment
from processes import end_left_behind, run_procfile
from servers import VAR, running

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("PORT", "8000"))
URL = f"http://localhost:{PORT}"
READY_WITHIN_SECONDS = 60
QUIET = "WARNING"


def main() -> int:
    """Return the exit status; whatever was started is stopped on the way out."""
    end_left_behind(VAR)
    _refuse_taken_port()
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        with running() as addresses:
            environment = _environment(addresses)
            _set_up(environment)
            _serve(environment)
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def _environment(addresses: Any) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    mine = {"DEMO": "true", "PATH": path, "LOG_LEVEL": os.environ.get("LOG_LEVEL", QUIET)}
    return os.environ | local_environment(VAR) | dict(addresses) | mine | {"PYTHONUNBUFFERED": "1"}


def _set_up(environment: dict[str, str]) -> None:
    """Migrate, load and train what is not there yet; the consumer stores what is imported."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    print("Bringing the database up to date ...", flush=True)
    _run([*manage, "migrate", "--verbosity", "0"], environment)
    consumer = subprocess.Popen([*manage, "consume_events"], env=environment)
    try:
        _run([*manage, "set_up_demo", "--url", URL], environment)
    finally:
        consumer.terminate()
        consumer.wait()


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        subprocess.run(command, env=environment, check=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"Setting up failed ({error}). Run it again, or `make reset`.") from error


def _serve(environment: dict[str, str]) -> None:
    demo = json.loads((VAR / "demo.json").read_text())
    environment["COLLECT_KEY"] = (VAR / "demo" / "collect_key").read_text()
    threading.Thread(target=_announce, args=(demo,), daemon=True).start()
    run_procfile(ROOT / "Procfile", environment=environment, var=VAR)
    print("\nStopped.")


def _announce(demo: dict[str, Any]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not _is_ready():
        if time.monotonic() > deadline:
            print(f"{URL}/readyz does not say ready. See the messages above.", flush=True)
            return
        time.sleep(0.1)
    print("\n".join(["", *_announcement(demo), ""]), flush=True)


def _announcement(demo: dict[str, Any]) -> list[str]:
    logins = [
        f"    {role:<16}{login['username']:<16}{login['password']}"
        for role, login in demo["logins"].items()
    ]
    keys = [f"    {name:<16}{key}" for name, key in demo["keys"].items()]
    return [
        f"  Shop      {URL}/",
        f"  Admin     {URL}/admin/",
        f"  API docs  {URL}/api/docs",
        "",
        "  Logins (role, name, password)",
        *logins,
        "  API keys",
        *keys,
        "",
        "  All of this is in var/demo.json. Ctrl-C stops everything.",
    ]


def _is_ready() -> bool:
    try:
        with urllib.request.urlopen(f"{URL}/readyz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _refuse_taken_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            raise SystemExit(f"Port {PORT} is taken. Try: PORT=8001 make demo") from None


def _as_interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
