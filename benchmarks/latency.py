"""Milliseconds from sending an event to its fact in Redis, while the door works at half its speed.

The door's full speed is measured first; then batches come at half that rate, evenly, while single
events are sent beside them and looked for where decisions read. A consumer runs as a process.
"""

import itertools
import statistics
import threading
import time
from typing import Any

import redis
from stage import set_stage

set_stage()

from consumer_process import consuming  # noqa: E402
from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402
from serving import Question, as_body, asking, serving, turn  # noqa: E402

from consent.recording import record_missing  # noqa: E402
from consent.subjects import Identifier, Subject  # noqa: E402
from personalization.access.models import ApiKey  # noqa: E402
from personalization.profiles.facts import unpack  # noqa: E402

BATCH = 10
VISITORS = 5_000
PROBES = 400
FIRST = PROBES  # sent before anything is measured: the consumer may still be starting
PROBE_SECONDS = 0.05
PURPOSES = frozenset({"analytics", "personalization"})
number = itertools.count()


def main() -> None:
    people = [f"visitor-{n}" for n in range(VISITORS)] + [f"probe-{n}" for n in range(PROBES + 1)]
    subjects = [Subject.of(user_id=person) for person in people]
    record_missing(subjects=subjects, purposes=PURPOSES, mechanism="API", now=timezone.now())
    _, key = ApiKey.objects.create_key(name="benchmark", scopes=["events"])
    headers = {"Authorization": f"Api-Key {key}"}
    with serving() as port, consuming():
        _probe(port, headers, FIRST)
        full = turn(port, lambda _: _batch(headers))
        stopping = threading.Event()
        load = threading.Thread(target=_load, args=(port, headers, full / 2, stopping))
        load.start()
        waited = [_probe(port, headers, n) for n in range(PROBES)]
        stopping.set()
        load.join()
    milliseconds = sorted(1_000 * seconds for seconds in waited)
    print(f"door at {full / 2:,.0f} batches/s of {BATCH} events, half its speed; {PROBES} probes")
    print(f"event to fact, ms: median {statistics.median(milliseconds):.0f}", end=", ")
    print(f"p99 {milliseconds[int(0.99 * PROBES)]:.0f}, worst {milliseconds[-1]:.0f}")


def _load(port: int, headers: dict[str, str], rate: float, stopping: threading.Event) -> None:
    with asking(port) as ask:
        due = time.perf_counter()
        while not stopping.is_set():
            ask(_batch(headers))
            due += 1 / rate
            stopping.wait(max(0.0, due - time.perf_counter()))


def _probe(port: int, headers: dict[str, str], n: int) -> float:
    """Return the seconds until the event of a visitor never seen is a fact."""
    connection: Any = redis.Redis.from_url(settings.REDIS_URL, protocol=2)
    person = f"probe-{n}"
    identifier = f"ident:{Identifier('user', person).pseudonym}"
    started = time.perf_counter()
    with asking(port) as ask:
        ask(("POST", "/api/v1/events", headers, as_body(_event(person))))
    while True:
        profile = connection.get(identifier)
        packed = connection.get(f"facts:{int(profile)}") if profile else None
        if packed and unpack(packed)["counts"]:
            break
        time.sleep(0.002)
    waited = time.perf_counter() - started
    connection.close()
    time.sleep(max(0.0, PROBE_SECONDS - waited))
    return waited


def _batch(headers: dict[str, str]) -> Question:
    events = [_event(f"visitor-{n * 7919 % VISITORS}") for n in itertools.islice(number, BATCH)]
    return "POST", "/api/v1/events", headers, as_body({"events": events})


def _event(person: str) -> dict[str, object]:
    n = next(number)
    return {
        "message_id": f"bench-{n}",
        "type": "item_view",
        "user_id": person,
        "properties": {"item_id": str(n % 4_000), "category": f"c{n % 12}", "price": 2.5},
    }


if __name__ == "__main__":
    main()
