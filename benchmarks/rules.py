"""1,000 segments of 5 conditions on one profile with 60 facts, against two rule engines.

The profile did 15 things of each of 8 kinds in 90 days; 40 of its facts are behaviour windows.

Ours reads the facts as they are kept, so that each window is summed up anew; `growthbook` and
`flagsmith-flag-engine` have no windows, and are given the numbers ready-made as attributes. All
three must name the same segments. They take turns, because machines are noisy.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from stage import set_stage

set_stage()

from flag_engine.context.types import EvaluationContext  # noqa: E402
from flag_engine.engine import get_evaluation_result  # noqa: E402
from growthbook.core import evalCondition  # noqa: E402

from personalization.profiles.facts import Facts, empty_facts  # noqa: E402
from personalization.profiles.folding import Happening, remember  # noqa: E402
from personalization.rules.compiling import Known, compile_rule  # noqa: E402
from personalization.rules.generating import RuleBook  # noqa: E402
from personalization.rules.parsing import Fact, parse_rule  # noqa: E402
from personalization.rules.tree import Condition, Group  # noqa: E402

SEGMENTS = 1_000
CONDITIONS = 5
EVENTS = 8
CATEGORIES = 10
TRAITS = 20
TURNS = 15
VISITORS = 10
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
Rules = dict[str, Group]
# What each of our operators is called by the others.
GROWTHBOOK = {"equals": "$eq", "in": "$in", "at_least": "$gte", "greater": "$gt", "less": "$lt"}
FLAGSMITH = {
    "equals": "EQUAL",
    "in": "IN",
    "at_least": "GREATER_THAN_INCLUSIVE",
    "greater": "GREATER_THAN",
    "less": "LESS_THAN",
    "is_set": "IS_SET",
}


def main() -> None:
    random = Random(7)
    facts = some_facts(random)
    rules = {f"segment-{n}": parse_rule(some_rule(random)) for n in range(SEGMENTS)}
    known = Known(facts, {}, NOW, profile_id=1)
    attributes = {_name(one): known.value(one) for one in _read(rules)}
    ways: dict[str, Callable[[], list[str]]] = {
        "ours": _ours(rules, facts),
        "ours, one by one": _one_by_one(rules, facts),
        "growthbook": _growthbook(rules, attributes),
        "flagsmith": _flagsmith(rules, attributes),
    }
    answers = {name: sorted(way()) for name, way in ways.items()}
    assert all(answer == answers["ours"] for answer in answers.values())
    turns = [{name: _timed(way) for name, way in ways.items()} for _ in range(TURNS)]
    print(
        f"{SEGMENTS:,} segments of {CONDITIONS} conditions on {len(attributes)} facts:"
        f" {len(answers['ours'])} hold, say all; {TURNS} turns"
    )
    for name in ways:
        seconds = statistics.median(turn[name] for turn in turns)
        ratio = statistics.median(turn[name] / turn["ours"] for turn in turns)
        print(f"{name:>18}{seconds * 1_000:9.3f} ms{ratio:8.1f} times ours")


def _timed(way: Callable[[], list[str]]) -> float:
    # Time of this process alone: on a busy machine whoever takes long is interrupted more.
    started = time.process_time()
    for _ in range(VISITORS):
        way()
    return (time.process_time() - started) / VISITORS


def _ours(rules: Rules, facts: Facts) -> Callable[[], list[str]]:
    book = RuleBook(rules)
    # A new visitor each time: nothing is remembered from the turn before.
    return lambda: book.matching(Known(facts, {}, NOW, profile_id=1))


def _one_by_one(rules: Rules, facts: Facts) -> Callable[[], list[str]]:
    matchers = {key: compile_rule(rule).matches for key, rule in rules.items()}

    def matching() -> list[str]:
        known = Known(facts, {}, NOW, profile_id=1)
        return [key for key, matches in matchers.items() if matches(known)]

    return matching


ANY_ALL = {"all": "$and", "any": "$or"}


def _growthbook(rules: Rules, attributes: dict[str, Any]) -> Callable[[], list[str]]:
    conditions = {
        key: {ANY_ALL[rule.match]: [_as_growthbook(one) for one in rule.conditions()]}
        for key, rule in rules.items()
    }
    return lambda: [key for key, one in conditions.items() if evalCondition(attributes, one)]


def _as_growthbook(condition: Condition) -> dict[str, Any]:
    value = condition.value
    if condition.operator == "is_set":
        asked: dict[str, Any] = {"$exists": True}
    elif condition.operator == "between" and isinstance(value, tuple):
        asked = {"$gte": value[0], "$lte": value[1]}
    else:
        asked = {GROWTHBOOK[condition.operator]: list(value) if isinstance(value, tuple) else value}
    return {_name(condition.fact): asked}


def _flagsmith(rules: Rules, attributes: dict[str, Any]) -> Callable[[], list[str]]:
    traits = {name: value for name, value in attributes.items() if value is not None}
    context: EvaluationContext[Any, Any] = {
        "environment": {"key": "here", "name": "here"},
        "identity": {"identifier": "1", "key": "1", "traits": traits},
    }
    context["segments"] = {
        key: {
            "key": key,
            "name": key,
            "rules": [
                {
                    "type": "ALL",
                    "rules": [
                        {
                            "type": "ALL" if rule.match == "all" else "ANY",
                            "conditions": [_as_flagsmith(one) for one in parts],
                        }
                        for parts in [list(rule.conditions())]
                    ],
                }
            ],
        }
        for key, rule in rules.items()
    }
    return lambda: [one["name"] for one in get_evaluation_result(context)["segments"]]


def _as_flagsmith(condition: Condition) -> Any:
    value = condition.value
    said = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return {
        "property": _name(condition.fact),
        "operator": FLAGSMITH[condition.operator],
        "value": "" if value is None else said,
    }


def _read(rules: Rules) -> list[Fact]:
    return list(dict.fromkeys(one.fact for rule in rules.values() for one in rule.conditions()))


def _name(fact: Fact) -> str:
    return f"{fact.kind}_{fact.name}" + (f"_{fact.days}" if fact.days else "")


def some_facts(random: Random) -> Facts:
    facts = empty_facts()
    facts["traits"] = {
        f"trait{n}": random.randrange(10) if _is_number(n) else f"text {random.randrange(5)}"
        for n in range(TRAITS)
    }
    for _ in range(EVENTS * 15):
        at = NOW - timedelta(days=random.randrange(90))
        kind, category = f"event{random.randrange(EVENTS)}", f"c{random.randrange(CATEGORIES)}"
        remember(facts, Happening(kind, at, category=category, value=random.randrange(90)))
    return facts


# The three differ in how they take a text for a number, so that each trait is of one kind.
OF_NUMBERS: list[tuple[str, Any]] = [("at_least", 5), ("less", 3), ("is_set", None)]
OF_TEXTS: list[tuple[str, Any]] = [("equals", "text 3"), ("in", ["text 1", "text 2"])]


def _is_number(trait: int) -> bool:
    return trait % 2 == 0


def some_rule(random: Random) -> dict[str, Any]:
    return {random.choice(["all", "any"]): [_condition(random) for _ in range(CONDITIONS)]}


def _condition(random: Random) -> dict[str, Any]:
    if random.random() < 0.4:
        number = random.randrange(TRAITS)
        fact = {"fact": "trait", "name": f"trait{number}"}
        operator, value = random.choice(OF_NUMBERS if _is_number(number) else OF_TEXTS)
        return {**fact, "operator": operator, "value": value}
    kind = random.choice(["count", "sum", "average", "maximum", "days_since"])
    fact = {"fact": kind, "event": f"event{random.randrange(EVENTS)}"}
    window = {} if kind == "days_since" else {"days": 30}
    limit = random.randrange(1, 60)
    operator, value = random.choice([("greater", limit), ("less", limit)])
    return {**fact, **window, "operator": operator, "value": value}


if __name__ == "__main__":
    main()
