"""200,000 events, while consumers, Valkey and PostgreSQL are killed: none lost, none doubled."""

import json
import random
import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from consent.subjects import Identifier
from personalization.profiles.facts import UNDECIDING, Facts, empty_facts, unpack
from personalization.profiles.folding import Happening, note_session, remember
from tests.pipeline.world import World, new_world, until

EVENTS = 200_000
VISITORS = 2_000
CONSUMER_KILLS = 24
SEED = 20_261
# Above a segment of the write-ahead log, below what the events will take.
FULL_DISK_BYTES = 17 * 2**20


@pytest.fixture
def world() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="lost-"))
    try:
        with new_world(folder) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def event(number: int, *, start: datetime) -> dict[str, Any]:
    """Return one event; those of a visitor come in the order of their times."""
    kinds = ("item_view", "item_view", "item_view", "add_to_cart", "purchase")
    kind = kinds[number % 7 % 5]
    properties: dict[str, Any] = {"item_id": str(number % 311), "category": f"c{number % 11}"}
    if kind == "purchase":
        properties |= {"price": number % 97 + 0.25, "quantity": number % 3 + 1}
    return {
        "message_id": f"m{number}",
        "type": kind,
        "occurred_at": (start + timedelta(seconds=number)).isoformat(),
        "user_id": f"u{number * 7919 % VISITORS}",
        "properties": properties,
        "traits": {"step": number} if number % 5 == 0 else {},
    }


def facts_expected(events: list[dict[str, Any]]) -> dict[str, Facts]:
    facts_of: dict[str, Facts] = defaultdict(empty_facts)
    for raw in events:
        user, at = raw["user_id"], datetime.fromisoformat(raw["occurred_at"])
        properties = raw["properties"]
        happening = Happening(
            raw["type"],
            at,
            item_id=properties["item_id"],
            category=properties["category"],
            value=properties["price"] * properties["quantity"] if "price" in properties else None,
            traits=raw["traits"],
            source="import",
            rank=1,
        )
        remember(facts_of[user], happening)
    for facts in facts_of.values():
        note_session(facts)
    return facts_of


def until_taken(world: World, command: tuple[str, ...]) -> None:
    """Run the same import again for as long as Valkey is away in the middle of it."""
    while world.manage(*command).wait():
        pass


def interfere(world: World, chance: random.Random) -> None:
    """Kill what can be killed, at moments nobody chose, while the events go through."""
    for round_ in range(CONSUMER_KILLS):
        goal = EVENTS * (round_ + 1) // (CONSUMER_KILLS + 2)
        until(partial(has_stored, world, goal), what=f"{goal} events stored")
        threading.Event().wait(chance.uniform(0, 0.3))
        world.kill_consumer(chance.randrange(len(world.consumers)))
        if round_ == CONSUMER_KILLS // 4:
            world.kill_valkey()
        if round_ == CONSUMER_KILLS // 2:
            world.crash_postgres()
        world.start_consumer()


def has_stored(world: World, goal: int) -> bool:
    return stored(world) >= goal


def stored(world: World) -> int:
    return int(world.query("SELECT count(*) FROM events_seenmessage")[0][0])


def test_nothing_is_lost_or_doubled_whatever_is_killed(world: World, tmp_path: Path) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=EVENTS)
    events = [event(number, start=start) for number in range(EVENTS)]
    feed = tmp_path / "events.jsonl"
    feed.write_text("".join(json.dumps(one) + "\n" for one in events))
    command = ("import_events", str(feed), "--vouch", "analytics,personalization")
    world.start_consumer()
    world.start_consumer()
    producer = threading.Thread(target=until_taken, args=(world, command))
    producer.start()

    interfere(world, random.Random(SEED))
    producer.join()
    until(lambda: stored(world) == EVENTS and not waiting(world), what="everything is stored")

    rows = world.query(
        "SELECT count(*), count(DISTINCT id), count(DISTINCT profile_id) FROM events_event"
    )
    assert rows == [(EVENTS, EVENTS, VISITORS)]
    assert in_order(world)
    assert world.redis().xlen("dead:events") == 0
    assert_facts(world, facts_expected(events))


def waiting(world: World) -> int:
    return sum(world.redis().xlen(f"events:{shard}") for shard in range(4))


def in_order(world: World) -> bool:
    """Whether each visitor's events were stored in the order in which they came.

    Transactions are numbered; none may hold an event older than one of a transaction before it.
    """
    return world.query("""
        SELECT count(*) FROM (
            SELECT min(occurred_at) AS first,
                lag(max(occurred_at)) OVER (
                    PARTITION BY profile_id ORDER BY xmin::text::bigint
                ) AS before
            FROM events_event GROUP BY profile_id, xmin::text::bigint
        ) AS neighbours WHERE before > first
    """) == [(0,)]


def assert_facts(world: World, expected: dict[str, Facts]) -> None:
    kept = dict(world.query("SELECT id, facts FROM profiles_profile"))
    mirrored = world.redis()
    for user, facts in expected.items():
        profile = int(mirrored.get(f"ident:{Identifier('user', user).pseudonym}"))
        assert kept[profile] == facts
        assert unpack(mirrored.get(f"facts:{profile}")) == facts | UNDECIDING


def test_a_disk_that_takes_no_more_loses_nothing(world: World, tmp_path: Path) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=EVENTS)
    count = 80_000
    feed = tmp_path / "events.jsonl"
    feed.write_text("".join(json.dumps(event(n, start=start)) + "\n" for n in range(count)))
    world.crash_postgres(file_bytes=FULL_DISK_BYTES)
    world.start_consumer()
    producer = world.manage("import_events", str(feed), "--vouch", "analytics,personalization")
    assert producer.wait(120) == 0
    until(lambda: has_met_the_limit(world), what="the disk is full")
    before = stored(world)
    assert before < count

    world.crash_postgres()
    until(lambda: stored(world) == count and not waiting(world), what="everything is stored")

    assert world.query("SELECT count(*), count(DISTINCT id) FROM events_event") == [(count, count)]


def has_met_the_limit(world: World) -> bool:
    return "File too large" in (world.var / "postgres" / "log").read_text(errors="replace")
