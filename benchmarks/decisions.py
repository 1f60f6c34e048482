"""Decisions a second over HTTP, against a bare Django JSON view on the same server.

One granian worker serves both. They take turns of a second each, and the ratio of each pair is
shown, because these machines are noisy. The bare view is /healthz, behind the same middleware.
"""

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from stage import ROOT, set_stage

set_stage()

from django.utils import timezone  # noqa: E402

from catalog.models import Category  # noqa: E402
from personalization.access.models import ApiKey  # noqa: E402
from personalization.config.demo.activities import make_activities  # noqa: E402
from personalization.events.tracking import track  # noqa: E402
from personalization.pipeline.consuming import consume_once  # noqa: E402
from personalization.streams.stream import Reader  # noqa: E402

CLIENTS = 2
PAIRS = 8
TURN_SECONDS = 1.0
VISITORS = 200
PURPOSES = ["analytics", "personalization"]


def main() -> None:
    key = _prepare()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = _start_server(port)
    try:
        decide = ("POST", "/api/v1/decisions", {"Authorization": f"Api-Key {key}"})
        bare: tuple[str, str, dict[str, str]] = ("GET", "/healthz", {})
        _turn(port, *decide), _turn(port, *bare)
        pairs = [(_turn(port, *decide), _turn(port, *bare)) for _ in range(PAIRS)]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    print(f"1 worker, {CLIENTS} clients, 17 activities, 2 placements a question, {PAIRS} pairs")
    print(f"{'decisions/s':>14}{'bare view/s':>14}{'ratio':>8}")
    for decided, plain in pairs:
        print(f"{decided:14,.0f}{plain:14,.0f}{decided / plain:8.2f}")
    print(f"median ratio {statistics.median(d / b for d, b in pairs):.2f}")


def _prepare() -> str:
    now = timezone.now()
    for position in range(12):
        Category.objects.create(key=f"c{position}", name=f"Category {position}", position=position)
    make_activities(now=now)
    events = [
        {
            "message_id": f"bench-{n}",
            "type": "item_view",
            "user_id": f"visitor-{n % VISITORS}",
            "properties": {"item_id": str(n), "category": f"c{n % 12}"},
        }
        for n in range(VISITORS * 20)
    ]
    for start in range(0, len(events), 1_000):
        track(events[start : start + 1_000], now=now, vouched=PURPOSES, patient=True)
    reader = Reader(range(4))
    while consume_once(reader):
        pass
    _, key = ApiKey.objects.create_key(name="benchmark", scopes=["decisions"])
    return str(key)


def _start_server(port: int) -> "subprocess.Popen[bytes]":
    granian = str(Path(sys.executable).parent / "granian")
    server = subprocess.Popen(
        [
            granian,
            "--interface",
            "wsgi",
            "--port",
            str(port),
            "--workers",
            "1",
            "--no-ws",
            "--blocking-threads",
            "4",
            "personalization.config.wsgi:application",
        ],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("granian did not start within 30 seconds.")


def _turn(port: int, method: str, path: str, headers: dict[str, str]) -> float:
    """Return answers a second over one turn of all clients."""
    counts = [0] * CLIENTS
    until = time.perf_counter() + TURN_SECONDS

    def ask(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < until:
            visitor = f"visitor-{(counts[client] * CLIENTS + client) % VISITORS}"
            question = {"placements": ["home_hero", "home_strip"], "user_id": visitor}
            body = json.dumps(question) if method == "POST" else None
            connection.request(method, path, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            counts[client] += 1

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / TURN_SECONDS


if __name__ == "__main__":
    main()
