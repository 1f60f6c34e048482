"""How long a change of 2,000 segments takes to be live, and what requests notice meanwhile.

Two granian workers answer decisions over HTTP, with PostgreSQL and Redis, to clients that never
stop asking; 20 activities are for 20 of the segments. A process of its own publishes, first one
segment, then all of them, twice each. From the moment it sets out it is measured when each
worker first answers by the new version, and how long the slowest request took until a second
after; quiet seconds before each tell the 99th percentile and the slowest without one.
"""

import contextlib
import http.client
import json
import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import connections
from django.utils import timezone

# Sets the stage, before anything of Django's is imported.
from rules import EVENTS, some_rule
from serving import as_body, serving

from personalization.access.models import ApiKey
from personalization.activation.judging import watched_rules
from personalization.activation.models import WatchedSegment
from personalization.content.rulesets import compile_ruleset, let_others_go_first
from personalization.events.tracking import track
from personalization.pipeline.consuming import consume_once
from personalization.segments.models import Publication, Segment
from personalization.segments.publishing import Changes, Pieces, current_document, publish_changes
from personalization.streams.stream import Reader

SEGMENTS = 2_000
ACTIVITIES = 20
CLIENTS = 4
WORKERS = 2
WARM_SECONDS = 2.0
QUIET_SECONDS = 4.0
AFTERWARDS = 1.0
ROUNDS = 2
# Clients that are asked again and again, and leave the machine some air.
BETWEEN_REQUESTS = 0.01
# What publishes: it returns when it set out, when it was done, and the version.
Publish = Callable[[Changes], tuple[float, float, int]]
PURPOSES = ["analytics", "personalization"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: when it was sent, how long it took, who answered by which version."""

    at: float
    seconds: float
    process: str
    version: int


def main() -> None:
    random = Random(7)
    headers = _prepare(random)
    connections.close_all()
    with (
        publishing() as publish,
        serving("telling_process", workers=WORKERS) as port,
        asked_all_the_time(port, headers) as answers,
    ):
        time.sleep(WARM_SECONDS)
        print(f"{SEGMENTS:,} segments, {WORKERS} workers, {CLIENTS} clients")
        for name, number in (("one", 1), ("all", SEGMENTS)) * ROUNDS:
            _round(name, _segments(random, number), publish, answers)
    _tell_stretches(random)
    _tell_consumer(random)


def _tell_stretches(random: Random) -> None:
    """Print for how long at most the thread that loads computes without giving way.

    In seconds of its own, so that a busy machine has no part in it.
    """
    stretches: list[float] = []
    began = time.thread_time()

    def pause() -> None:
        nonlocal began
        stretches.append(time.thread_time() - began)
        let_others_go_first()
        began = time.thread_time()

    pieces: Pieces = {}
    held = compile_ruleset(*current_document(held=pieces))
    _publish(_segments(random, SEGMENTS))
    began = time.thread_time()
    compile_ruleset(*current_document(held=pieces, pause=pause), held=held, pause=pause)
    stretches.append(time.thread_time() - began)
    print(f"all changed: {len(stretches)} steps of loading, the longest", end=" ")
    print(f"{max(stretches) * 1e3:.1f} ms, together {sum(stretches) * 1e3:.0f} ms")


def _tell_consumer(random: Random) -> None:
    """Print how long a consumer that watches all segments takes to judge by the new ones."""
    changes = _segments(random, SEGMENTS)
    rows = [
        Segment(key=key, name=key, rule=raw["rule"]) for (_, key), raw in changes.items() if raw
    ]
    Segment.objects.bulk_create(rows)
    WatchedSegment.objects.bulk_create(
        WatchedSegment(segment=row, counted_at=timezone.now()) for row in rows
    )
    _publish(changes)
    started = time.perf_counter()
    rules = watched_rules()
    seconds = time.perf_counter() - started
    print(f"consumer: {len(rules.keys):,} watched segments read anew in {seconds:.2f} s")


def _round(name: str, changes: Changes, publish: Publish, answers: list[Answer]) -> None:
    started = time.perf_counter()
    time.sleep(QUIET_SECONDS)
    quiet = _times(answers, started)
    limit = statistics.quantiles(quiet, n=100)[98]
    print(
        f"quiet: {len(quiet):,} requests, median {statistics.median(quiet) * 1e3:.1f} ms,", end=" "
    )
    print(f"p99 {limit * 1e3:.1f}, slowest p99 {(max(quiet) - limit) * 1e3:+.1f};", end=" ")
    started, committed, version = publish(changes)
    live = _live(answers, version)
    time.sleep(AFTERWARDS)
    times = _times(answers, started)
    said = ", ".join(f"{at - started:.2f} s" for at in sorted(live.values()))
    print(f"{name} changed: live after {said} ({max(live.values()) - committed:.2f} s", end=" ")
    print(f"after the commit); slowest of {len(times):,} p99 {(max(times) - limit) * 1e3:+.1f}")


def _times(answers: list[Answer], since: float) -> list[float]:
    return [one.seconds for one in answers if one.at >= since]


def _live(answers: list[Answer], version: int) -> dict[str, float]:
    """Return when each worker had first answered by this version."""
    workers = {one.process for one in answers}
    while True:
        found: dict[str, float] = {}
        for one in answers:
            if one.version >= version:
                found.setdefault(one.process, one.at + one.seconds)
        if found.keys() == workers:
            return found
        time.sleep(0.01)


@contextlib.contextmanager
def asked_all_the_time(port: int, headers: dict[str, str]) -> Iterator[list[Answer]]:
    """Yield the answers, which become more until the end; all workers are among them."""
    answers: list[Answer] = []
    stopping = threading.Event()
    clients = [
        threading.Thread(target=_ask, args=(connection, headers, answers, stopping, number))
        for number, connection in enumerate(_connections(port))
    ]
    for client in clients:
        client.start()
    try:
        yield answers
    finally:
        stopping.set()
        for client in clients:
            client.join()


def _connections(port: int) -> list[http.client.HTTPConnection]:
    """Return connections of which as many lead to each worker."""
    of: dict[str, list[http.client.HTTPConnection]] = {}
    while len(of) < WORKERS or any(len(one) < CLIENTS // WORKERS for one in of.values()):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        mine = of.setdefault(answer.headers["X-Process"], [])
        if len(mine) < CLIENTS // WORKERS:
            mine.append(connection)
    return [connection for mine in of.values() for connection in mine]


def _ask(
    connection: http.client.HTTPConnection,
    headers: dict[str, str],
    answers: list[Answer],
    stopping: threading.Event,
    client: int,
) -> None:
    body = as_body({"placements": ["hero"], "user_id": f"visitor-{client}"})
    while not stopping.is_set():
        started = time.perf_counter()
        connection.request("POST", "/api/v1/decisions", body, headers)
        answer = connection.getresponse()
        [decision] = json.loads(answer.read())["decisions"]
        seconds = time.perf_counter() - started
        process, version = answer.headers["X-Process"], decision["ruleset_version"]
        answers.append(Answer(started, seconds, process, version))
        stopping.wait(BETWEEN_REQUESTS)


@contextlib.contextmanager
def publishing() -> Iterator[Publish]:
    """Yield what publishes, in a process of its own."""
    # Forked before there are threads: it has the stage that was set, and connections of its own.
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_publish_what_comes, args=(there,), daemon=True)
    process.start()

    def publish(changes: Changes) -> tuple[float, float, int]:
        here.send(changes)
        started, done, version = here.recv()
        return started, done, version

    try:
        yield publish
    finally:
        here.send(None)
        process.join()


def _publish_what_comes(pipe: Any) -> None:
    while (changes := pipe.recv()) is not None:
        started = time.perf_counter()
        stored = _publish(changes)
        pipe.send((started, time.perf_counter(), stored.version))
    connections.close_all()


def _publish(changes: Changes) -> Publication:
    return publish_changes(
        changes=changes, by="ann", note="benchmark", now=timezone.now(), insists=True
    )


def _prepare(random: Random) -> dict[str, str]:
    """Publish everything, let visitors act, and return what a client sends along."""
    placement = {("placements", "hero"): {"name": "Hero"}}
    activities = {("activities", f"a{n}"): _activity(n) for n in range(ACTIVITIES)}
    changes = {**_segments(random, SEGMENTS), **activities, **placement}
    _publish(changes)
    events = [
        {
            "message_id": f"bench-{n}",
            "type": "purchase" if n % 5 else "item_view",
            "user_id": f"visitor-{n % CLIENTS}",
            "properties": {"item_id": str(n), "category": f"c{n % 12}", "price": 2.5},
        }
        for n in range(CLIENTS * EVENTS * 15)
    ]
    for start in range(0, len(events), 1_000):
        track(events[start : start + 1_000], now=timezone.now(), vouched=PURPOSES, patient=True)
    reader = Reader(range(4))
    while consume_once(reader):
        pass
    _, key = ApiKey.objects.create_key(name="benchmark", scopes=["decisions"])
    return {"Authorization": f"Api-Key {key}", "Content-Type": "application/json"}


def _activity(number: int) -> dict[str, Any]:
    content = {"headline": "Hello"}
    variation = {"key": "a", "name": "A", "weight": 1, "kind": "banner", "content": content}
    return {
        "name": "A",
        "placement": "hero",
        "segment": f"s{number}",
        "starts_at": None,
        "ends_at": None,
        "priority": 0,
        "variations": [variation],
    }


def _segments(random: Random, number: int) -> dict[tuple[str, str], dict[str, Any] | None]:
    return {
        ("segments", f"s{n}"): {"name": f"S{n}", "rule": some_rule(random)} for n in range(number)
    }


if __name__ == "__main__":
    main()
