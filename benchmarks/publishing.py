"""How long a change of 2,000 segments takes to be live, and what requests notice meanwhile.

Each request judges 20 activities of one visitor. They are timed while nothing happens, while one
segment has changed, and while every segment has.
"""

import statistics
import threading
import time
from random import Random
from typing import Any

import orjson

# Sets the stage, before anything of Django's is imported.
from rules import NOW, some_facts, some_rule

from personalization.content.rulesets import (
    Ruleset,
    compile_ruleset,
    let_others_go_first,
)
from personalization.rules.compiling import Known

SEGMENTS = 2_000
ACTIVITIES = 20
QUIET_SECONDS = 3.0
# A worker that is asked again and again, and waits for its network in between.
BETWEEN_REQUESTS = 0.001


def main() -> None:
    random = Random(7)
    facts = some_facts(random)
    document = _document(random)
    started = time.perf_counter()
    held = compile_ruleset(1, document)
    print(f"{SEGMENTS:,} segments from nothing: {time.perf_counter() - started:.2f} s")
    quiet = _requests(held, facts, until=time.perf_counter() + QUIET_SECONDS)
    limit = statistics.quantiles(quiet, n=100)[98]
    print(f"requests: median {statistics.median(quiet) * 1e3:.2f} ms, p99 {limit * 1e3:.2f} ms")
    one = {**document, "segments": {**document["segments"], "s0": _segment(random)}}
    for name, changed in (("one changed", one), ("all changed", _document(random))):
        seconds, times = _publish(held, changed, facts)
        worst = (max(times, default=0) - limit) * 1e3
        print(f"{name}: live after {seconds:.2f} s, slowest request p99 {worst:+.1f} ms")


def _publish(held: Ruleset, document: Any, facts: Any) -> tuple[float, list[float]]:
    raw = orjson.dumps(document)
    done: list[float] = []

    def load() -> None:
        compile_ruleset(2, orjson.loads(raw), held=held, pause=let_others_go_first)
        done.append(time.perf_counter())

    started = time.perf_counter()
    thread = threading.Thread(target=load)
    thread.start()
    times: list[float] = []
    while thread.is_alive():
        times.extend(_requests(held, facts, until=time.perf_counter() + 0.05))
    return done[0] - started, times


def _requests(held: Ruleset, facts: Any, *, until: float) -> list[float]:
    times = []
    while (started := time.perf_counter()) < until:
        known = Known(facts, {}, NOW, profile_id=1)
        for activity in held.activities_for("hero"):
            if activity.rule is not None:
                activity.rule.matches(known)
        times.append(time.perf_counter() - started)
        time.sleep(BETWEEN_REQUESTS)
    return times


def _document(random: Random) -> dict[str, Any]:
    variation = {"key": "a", "name": "A", "weight": 1, "kind": "html", "content": {"html": "<p>"}}
    activity = {
        "name": "A",
        "placement": "hero",
        "starts_at": None,
        "ends_at": None,
        "priority": 0,
        "variations": [variation],
    }
    return {
        "segments": {f"s{n}": _segment(random) for n in range(SEGMENTS)},
        "activities": {f"a{n}": {**activity, "segment": f"s{n}"} for n in range(ACTIVITIES)},
        "placements": {},
    }


def _segment(random: Random) -> dict[str, Any]:
    return {"name": "S", "rule": some_rule(random)}


if __name__ == "__main__":
    main()
