"""Counting segments over profiles with 60 facts each, against plain typed columns.

`benchmarks/counting.py [PROFILES]`: 100,000 unless it says 1000000, which takes half an hour on a
busy machine, most of it for making the profiles and filling the census. The plain table has the
values themselves, a column each, windows counted for it beforehand. Both take turns, and the ratios
of each turn are compared, because these machines are noisy.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from stage import set_stage

set_stage()

from django.db import connection, transaction  # noqa: E402

from personalization.census.assigning import keep_facts  # noqa: E402
from personalization.census.counting import count_rules  # noqa: E402
from personalization.census.planning import current_plan  # noqa: E402
from personalization.census.refreshing import refresh_census  # noqa: E402
from personalization.rules.parsing import parse_rule  # noqa: E402
from personalization.rules.querying import rule_sql  # noqa: E402
from personalization.rules.sql import Sql  # noqa: E402
from personalization.rules.tree import Condition, Fact, Group  # noqa: E402
from personalization.segments.previewing import preview_rule  # noqa: E402

PROFILES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
TURNS = 7
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = int(NOW.timestamp()) // 86_400
TEXTS = [f"text{n}" for n in range(14)]
NUMBERS = [f"number{n}" for n in range(6)]
EVENTS = [f"event{n}" for n in range(5)]
CATEGORIES = [f"category{n}" for n in range(5)]
FACTS = [
    *(Fact("trait", name) for name in (*TEXTS, *NUMBERS)),
    *(Fact("count", event, days=days) for event in EVENTS for days in (7, 30, 90)),
    *(Fact("sum", event, days=days) for event in EVENTS for days in (30, 90)),
    *(
        Fact("count", "event0", category=name, days=days)
        for name in CATEGORIES
        for days in (30, 90)
    ),
    *(Fact("days_since", event) for event in EVENTS),
]
COLUMNS = {fact: f"c{number}" for number, fact in enumerate(FACTS)}
COMPARED = {"equals": "=", "at_least": ">=", "greater": ">", "less": "<"}


def trait(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"fact": "trait", "name": name, "operator": operator, "value": value}


def count(event: str, days: int, value: int, category: str | None = None) -> dict[str, Any]:
    window = {"event": event, "category": category, "days": days}
    return {"fact": "count", **window, "operator": "at_least", "value": value}


RULES = {
    "one trait": {"all": [trait("text1", "equals", "Value 3")]},
    "two traits": {"all": [trait("text1", "equals", "Value 3"), trait("number2", "greater", 500)]},
    "five conditions": {
        "all": [
            trait("text2", "equals", "Value 1"),
            trait("number1", "less", 800),
            trait("number5", "greater", 100),
            count("event1", 30, 1),
            count("event2", 90, 2),
        ]
    },
    "a window": {"all": [count("event0", 30, 3, "category2")]},
    "a mix": {
        "any": [
            {"all": [trait("text7", "equals", "Value 2"), count("event3", 7, 1)]},
            {"none": [trait("number0", "greater", 10), count("event0", 90, 1, "category4")]},
        ]
    },
}
SLOTLESS = {
    "all": [
        {"fact": "average", "event": "event1", "days": 14, "operator": "greater", "value": 20},
    ]
}


def main() -> None:
    print(f"{PROFILES:,} profiles of {len(FACTS)} facts")
    for what, make in (("profiles", _make_profiles), ("census", _fill), ("plain", _make_plain)):
        started = time.perf_counter()
        make()
        print(f"{what} made in {time.perf_counter() - started:.0f} s")
    _compare({name: parse_rule(raw) for name, raw in RULES.items()})
    _note_some()
    print("1,000 profiles changed since:")
    _compare({"one trait": parse_rule(RULES["one trait"])})
    _scan()
    for name, raw in (("with slots", RULES["five conditions"]), ("without", SLOTLESS)):
        rule = parse_rule(raw)
        hasty = [_preview(rule, is_hasty=True) for _ in range(TURNS)]
        seconds = statistics.median(one for one, _ in hasty)
        print(f"preview of facts {name}: {hasty[0][1]}, after {seconds * 1e3:,.0f} ms")
    seconds, said = _preview(rule, is_hasty=False)
    print(f"    and then: {said}, after {seconds:.1f} s")


def _compare(rules: dict[str, Group]) -> None:
    print(f"{'':>18}{'plain':>10}{'ours':>10}{'ratio':>8}{'by facts':>11}{'ratio':>8}")
    for name, rule in rules.items():
        ways: dict[str, Callable[[], int]] = {
            "plain": partial(_plain, rule),
            "ours": partial(_ours, rule),
        }
        assert _plain(rule) == _ours(rule) == _by_facts(rule), name
        turns = [{way: _timed(ask) for way, ask in ways.items()} for _ in range(TURNS)]
        by_facts = _timed(partial(_by_facts, rule))
        plain, ours = (statistics.median(turn[way] for turn in turns) for way in ways)
        ratio = statistics.median(turn["ours"] / turn["plain"] for turn in turns)
        print(
            f"{name:>18}{plain * 1e3:7,.0f} ms{ours * 1e3:7,.0f} ms{ratio:8.2f}"
            f"{by_facts * 1e3:8,.0f} ms{by_facts / plain:8.1f}"
        )


def _preview(rule: Group, *, is_hasty: bool) -> tuple[float, str | None]:
    started = time.perf_counter()
    preview = preview_rule(rule=rule, now=NOW, is_hasty=is_hasty)
    return time.perf_counter() - started, preview.counted


def _scan() -> None:
    rules = {
        f"s{n}": parse_rule(
            {
                "all": [
                    trait(TEXTS[n % 14], "equals", f"Value {n % 5}"),
                    count(EVENTS[n % 5], (7, 30, 90)[n % 3], n % 4 + 1),
                ]
            }
        )
        for n in range(200)
    }
    at_once = _timed(lambda: count_rules(rules=rules, now=NOW))
    alone = sum(_timed(partial(_ours, rule)) for rule in rules.values())
    plain = sum(_timed(partial(_plain, rule)) for rule in rules.values())
    print(
        f"200 segments in one scan: {at_once:.1f} s; one by one {alone:.1f} s,"
        f" {alone / at_once:.1f} times; plain one by one {plain:.1f} s"
    )


def _ours(rule: Group) -> int:
    return count_rules(rules={"one": rule}, now=NOW).matched["one"]


def _by_facts(rule: Group) -> int:
    sql = rule_sql(rule, now=NOW)
    return _number(Sql(f"SELECT count(*) FROM profiles_profile WHERE {sql.text}", sql.params))  # noqa: S608


def _plain(rule: Group) -> int:
    sql = _as_plain(rule)
    return _number(Sql(f"SELECT count(*) FROM plain WHERE {sql.text}", sql.params))  # noqa: S608


def _as_plain(member: Group | Condition) -> Sql:
    if isinstance(member, Condition):
        value = member.value.lower() if isinstance(member.value, str) else member.value
        return Sql(f"{COLUMNS[member.fact]} {COMPARED[member.operator]} %s", (value,))
    members = [_as_plain(one) for one in member.members]
    between = " AND " if member.match == "all" else " OR "
    text = f"({between.join(one.text for one in members)})"
    params = tuple(param for one in members for param in one.params)
    return Sql(f"NOT {text}" if member.match == "none" else text, params)


def _number(sql: Sql) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        [number] = cursor.fetchone()
    return int(number)


def _timed(way: Callable[[], Any]) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _fill() -> None:
    keep_facts(FACTS)
    while not refresh_census(now=NOW, batches=100).is_current:
        pass
    _run("VACUUM ANALYZE census_row")


def _make_plain() -> None:
    # What the census has, in a table made for it; that both answer as the facts do is asserted.
    columns = []
    for fact, held in current_plan().seats.items():
        one = held.kept.text if fact.name in TEXTS else held.kept.number
        columns.append(f"{one.text} AS {COLUMNS[fact]}")
    _run(
        f"CREATE TABLE plain AS SELECT profile_id AS id, {', '.join(columns)} FROM census_row",  # noqa: S608
        "ALTER TABLE plain ADD PRIMARY KEY (id)",
        "VACUUM ANALYZE plain",
    )


def _note_some() -> None:
    _run("UPDATE profiles_profile SET updated_at = now() WHERE id <= 1000")


def _make_profiles() -> None:
    with transaction.atomic():
        # The first filling reads every profile anyway; a note of each would only be deleted.
        _run(
            "SET LOCAL session_replication_role = replica",
            "SELECT setseed(0.5)",
            f"INSERT INTO profiles_profile (facts, has_unkept_acts) SELECT {_facts()}, FALSE"  # noqa: S608
            f" FROM generate_series(1, {PROFILES})",
        )
    _run("VACUUM ANALYZE profiles_profile")


def _facts() -> str:
    texts = [f"'{name}', 'Value ' || floor(random() * 8)" for name in TEXTS]
    numbers = [f"'{name}', floor(random() * 1000)" for name in NUMBERS]
    by_event = _object({name: _days("floor(random() * 4)") for name in EVENTS})
    money = _object({name: _days("round((random() * 90)::numeric, 2)") for name in EVENTS})
    categories = _object({name: _days("floor(random() * 3)") for name in CATEGORIES})
    last = _object(dict.fromkeys(EVENTS, f"({TODAY} - floor(random() * 90)) * 86400"))
    parts = {
        "traits": f"jsonb_build_object({', '.join([*texts, *numbers])})",
        "counts": by_event,
        "sums": money,
        "categories": _object({"event0": categories}),
        "last": last,
        "lists": "'[]'::jsonb",
        "recent": "'[]'::jsonb",
    }
    return _object(parts)


def _days(amount: str) -> str:
    day = f"({TODAY} - floor(random() * 90))::text"
    return f"jsonb_build_object({', '.join(f'{day}, {amount}' for _ in range(3))})"


def _object(members: dict[str, str]) -> str:
    stated = ", ".join(f"'{name}', {sql}" for name, sql in members.items())
    return f"jsonb_build_object({stated})"


if __name__ == "__main__":
    main()
