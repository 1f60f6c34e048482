"""Rows a second: the consumer, everything included, against a bare COPY and bulk_create.

All write the same rows to the same partitioned, indexed table. They take turns, and the ratios of
each turn are shown, because these machines are noisy.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from stage import set_stage

set_stage()

from django.db import connection  # noqa: E402

from consent.recording import record_missing  # noqa: E402
from consent.subjects import Subject  # noqa: E402
from personalization.events.models import Event, SeenMessage  # noqa: E402
from personalization.events.storing import COLUMNS, COPY, ToStore, _as_columns  # noqa: E402
from personalization.events.tracking import track  # noqa: E402
from personalization.events.validating import validate  # noqa: E402
from personalization.pipeline.consuming import consume_once  # noqa: E402
from personalization.streams.stream import Reader  # noqa: E402

NOW = datetime.now(UTC)
EVENTS = 40_000
VISITORS = 1_000
LISTS = ("purposes", "flags")  # written as texts for COPY
PURPOSES = frozenset({"analytics", "personalization", "training"})


def main() -> None:
    subjects = [Subject.of(user_id=f"visitor-{n}") for n in range(VISITORS)]
    record_missing(subjects=subjects, purposes=PURPOSES, mechanism="API", now=NOW)
    _consumed(round_=0)  # makes partitions and profiles, so that no pair pays for them
    turns = [(_consumed(round_=n), _copied(round_=n), _created(round_=n)) for n in range(1, 6)]
    print(f"{EVENTS:,} events of {VISITORS:,} visitors, {len(turns)} turns; rows/s")
    print(f"{'consumer':>12}{'bare COPY':>12}{'bulk_create':>14}{'of COPY':>10}{'of create':>11}")
    for ours, copy, create in turns:
        print(f"{ours:12,.0f}{copy:12,.0f}{create:14,.0f}{ours / copy:10.2f}{ours / create:11.2f}")
    of_copy = statistics.median(ours / copy for ours, copy, _ in turns)
    of_create = statistics.median(ours / create for ours, _, create in turns)
    print(f"median of COPY {of_copy:.2f}, of bulk_create {of_create:.2f}")


def _consumed(*, round_: int) -> float:
    for start in range(0, EVENTS, 1_000):
        track(
            [_event(n, round_=round_) for n in range(start, start + 1_000)], now=NOW, patient=True
        )
    reader = Reader(range(4))
    started, done = time.perf_counter(), 0
    while stored := consume_once(reader):
        done += stored
        if done == EVENTS:
            break
    return done / (time.perf_counter() - started)


def _copied(*, round_: int) -> float:
    rows = [_row(n, round_=round_) for n in range(EVENTS)]
    Event.objects.all().delete()
    SeenMessage.objects.all().delete()
    started = time.perf_counter()
    with (
        connection.cursor() as cursor,
        cursor.copy(COPY) as copy,
    ):
        for row in rows:
            copy.write_row(row)
    return EVENTS / (time.perf_counter() - started)


def _created(*, round_: int) -> float:
    rows = [dict(zip(COLUMNS, _row(n, round_=round_), strict=True)) for n in range(EVENTS)]
    events = [Event(**row | {name: [] for name in LISTS}) for row in rows]
    Event.objects.all().delete()
    started = time.perf_counter()
    Event.objects.bulk_create(events, batch_size=1_000)
    return EVENTS / (time.perf_counter() - started)


def _event(n: int, *, round_: int) -> dict[str, Any]:
    return {
        "message_id": f"bench-{round_}-{n}",
        "type": "item_view" if n % 5 else "purchase",
        "occurred_at": (NOW - timedelta(seconds=n)).isoformat(),
        "user_id": f"visitor-{n * 7919 % VISITORS}",
        "properties": {"item_id": str(n % 4_000), "category": f"c{n % 12}", "price": 2.5},
        "context": {"page": f"/item/{n % 4_000}/"},
    }


def _row(n: int, *, round_: int) -> tuple[object, ...]:
    event = validate(_event(n, round_=round_), now=NOW)
    return _as_columns(ToStore(event, event.key, n % VISITORS + 1, PURPOSES))


if __name__ == "__main__":
    main()
