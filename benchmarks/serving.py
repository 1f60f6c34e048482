"""Granian with the project's addresses, and questions asked of it."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from stage import ROOT

CLIENTS = 2
TURN_SECONDS = 1.0
Question = tuple[str, str, dict[str, str], bytes | None]


@contextlib.contextmanager
def serving(application: str = "parsing_only", *, workers: int = 1) -> Iterator[int]:
    """Yield the port of a running server. Raises TimeoutError when it does not start.

    `application` is a module of this folder; `parsing_only` has a view more, that only parses.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "granian"),
            *("--interface", "wsgi", "--port", str(port), "--workers", str(workers), "--no-ws"),
            *("--blocking-threads", "4", f"{application}:application"),
        ],
        cwd=ROOT / "benchmarks",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("granian did not start within 30 seconds.")


def turn(port: int, make: Callable[[int], Question]) -> float:
    """Return answers a second over one turn of all clients; `make(n)` is the nth question."""
    counts = [0] * CLIENTS
    until = time.perf_counter() + TURN_SECONDS

    def go_on(client: int) -> None:
        with asking(port) as ask:
            while time.perf_counter() < until:
                ask(make(counts[client] * CLIENTS + client))
                counts[client] += 1

    threads = [threading.Thread(target=go_on, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / TURN_SECONDS


@contextlib.contextmanager
def asking(port: int) -> Iterator[Callable[[Question], None]]:
    """Yield what asks one question over a connection that is kept, and expects no refusal."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(question: Question) -> None:
        method, path, headers, body = question
        connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status in {200, 202}, (answer.status, text[:200])

    try:
        yield ask
    finally:
        connection.close()


def workers_of() -> list[psutil.Process]:
    """Return the processes of the server."""
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if any("granian" in part for part in process.cmdline())
    ]


def as_body(data: object) -> bytes:
    """Return the JSON of a question."""
    return json.dumps(data).encode()
