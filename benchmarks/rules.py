"""1,000 segments of 5 conditions on one profile with 60 facts, against plain interpreting.

The baseline walks the same parsed rules, looks each operator up and reads each fact as it comes to
it, without what compiling prepares and without remembering a fact. The trace, which also words
every condition, is shown beside it. They take turns, because machines are noisy.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from personalization.profiles.facts import Facts, empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.segments.comparing import COMPARE
from personalization.segments.compiling import HOLDS, CompiledRule, Known, compile_rule
from personalization.segments.reading import comparable
from personalization.segments.rules import parse_rule
from personalization.segments.tree import Condition, Group

SEGMENTS = 1_000
CONDITIONS = 5
EVENTS = 8
CATEGORIES = 10
TRAITS = 20
TURNS = 15
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def main() -> None:
    random = Random(7)
    facts = _facts(random)
    rules = [compile_rule(parse_rule(_rule(random))) for _ in range(SEGMENTS)]
    ways: dict[str, Callable[[CompiledRule, Known], bool]] = {
        "compiled": lambda rule, known: rule.matches(known),
        "interpreted": lambda rule, known: _interpret(rule.rule, known),
        "traced": lambda rule, known: rule.judge(known).holds,
    }
    turns = [{name: _turn(rules, facts, way) for name, way in ways.items()} for _ in range(TURNS)]
    print(
        f"{SEGMENTS:,} segments of {CONDITIONS} conditions, {_known_facts()} facts, {TURNS} turns"
    )
    for name in ways:
        seconds = statistics.median(turn[name] for turn in turns)
        ratio = statistics.median(turn[name] / turn["compiled"] for turn in turns)
        print(f"{name:>12}{seconds * 1_000:9.2f} ms{ratio:8.1f} times the compiled")


def _known_facts() -> int:
    return EVENTS * 5 + TRAITS


def _turn(
    rules: list[CompiledRule], facts: Facts, way: Callable[[CompiledRule, Known], bool]
) -> float:
    # A new visitor each time: nothing is remembered from the turn before.
    known = Known(facts, {}, NOW, profile_id=1)
    started = time.perf_counter()
    for rule in rules:
        way(rule, known)
    return time.perf_counter() - started


def _interpret(group: Group, known: Known) -> bool:
    return bool(
        HOLDS[group.match](
            _interpret(one, known) if isinstance(one, Group) else _holds(one, known)
            for one in group.members
        )
    )


def _holds(condition: Condition, known: Known) -> bool:
    wanted: Any = condition.value
    made = [comparable(one) for one in wanted] if isinstance(wanted, tuple) else comparable(wanted)
    return COMPARE[condition.operator](made)(comparable(known.value(condition.fact)))


def _facts(random: Random) -> Facts:
    facts = empty_facts()
    facts["traits"] = {f"trait{n}": random.choice([n, f"text {n}", True]) for n in range(TRAITS)}
    for _ in range(300):
        at = NOW - timedelta(days=random.randrange(90))
        kind, category = f"event{random.randrange(EVENTS)}", f"c{random.randrange(CATEGORIES)}"
        remember(facts, Happening(kind, at, category=category, value=random.randrange(90)))
    return facts


def _rule(random: Random) -> dict[str, Any]:
    return {random.choice(["all", "any"]): [_condition(random) for _ in range(CONDITIONS)]}


def _condition(random: Random) -> dict[str, Any]:
    if random.random() < 0.4:
        fact = {"fact": "trait", "name": f"trait{random.randrange(TRAITS)}"}
        operator, value = random.choice(
            [("equals", "text 3"), ("in", ["text 1", "text 2"]), ("at_least", 5), ("is_set", None)]
        )
        return {**fact, "operator": operator, "value": value}
    kind = random.choice(["count", "sum", "average", "maximum", "days_since"])
    fact = {"fact": kind, "event": f"event{random.randrange(EVENTS)}"}
    window = {} if kind == "days_since" else {"days": 30}
    operator, value = random.choice([("greater", 3), ("less", 50), ("between", [2, 40])])
    return {**fact, **window, "operator": operator, "value": value}


if __name__ == "__main__":
    main()
