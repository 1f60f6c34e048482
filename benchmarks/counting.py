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
from functools import partial
from typing import Any

from counting_profiles import (
    CHOICES,
    EVENTS,
    IDENTIFIERS,
    NOW,
    TEXTS,
    insert_profiles,
    plain_columns,
)
from stage import set_stage

set_stage()

from counting_rules import (  # noqa: E402
    COLUMNS,
    FACTS,
    KINDS,
    OTHERS,
    RULES,
    SLOTLESS,
    as_plain,
    count,
    trait,
)
from django.db import connection, transaction  # noqa: E402

from personalization.census.assigning import keep_facts  # noqa: E402
from personalization.census.counting import count_combinations, count_rules  # noqa: E402
from personalization.census.planning import current_plan  # noqa: E402
from personalization.census.refreshing import refresh_census  # noqa: E402
from personalization.rules.parsing import parse_rule  # noqa: E402
from personalization.rules.querying import rule_sql  # noqa: E402
from personalization.rules.sql import Sql  # noqa: E402
from personalization.rules.tree import Group  # noqa: E402
from personalization.segments.composing import compose  # noqa: E402
from personalization.segments.previewing import preview_rule  # noqa: E402

PROFILES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
TURNS = 7


def main() -> None:
    print(f"{PROFILES:,} profiles of {len(FACTS)} facts")
    for what, make in (("profiles", _make_profiles), ("census", _fill), ("plain", _make_plain)):
        started = time.perf_counter()
        make()
        print(f"{what} made in {time.perf_counter() - started:.0f} s")
    _compare({name: parse_rule(raw) for name, raw in (RULES | KINDS).items()})
    _note_some()
    print("1,000 profiles changed since:")
    _compare({name: parse_rule((RULES | KINDS)[name]) for name in ("one trait", "consent")})
    _scan()
    _overlap({name: parse_rule(RULES[name]) for name in ("one trait", "a window", "a mix")})
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


def _overlap(rules: dict[str, Group]) -> None:
    masks = [as_plain(rule) for rule in rules.values()]
    bits = " + ".join(
        f"CASE WHEN {one.text} THEN {1 << bit} ELSE 0 END" for bit, one in enumerate(masks)
    )
    params = tuple(param for one in masks for param in one.params)
    by_plain = Sql(f"SELECT {bits}, count(*) FROM plain GROUP BY 1", params)  # noqa: S608
    ours = partial(count_combinations, rules=list(rules.values()), now=NOW)
    assert dict(_answered(by_plain)) == ours()
    turns = [(_timed(ours), _timed(partial(_answered, by_plain))) for _ in range(TURNS)]
    seconds = statistics.median(one for one, _ in turns)
    ratio = statistics.median(one / plain for one, plain in turns)
    print(f"overlap of {len(rules)} segments: {seconds * 1e3:,.0f} ms, {ratio:.2f} times plain")
    parts = _timed(partial(compose, rule=rules["one trait"], now=NOW))
    print(f"composition of one trait's members: {parts:.1f} s")


def _ours(rule: Group) -> int:
    return count_rules(rules={"one": rule}, now=NOW).matched["one"]


def _by_facts(rule: Group) -> int:
    sql = rule_sql(rule, now=NOW)
    return _number(Sql(f"SELECT count(*) FROM profiles_profile WHERE {sql.text}", sql.params))  # noqa: S608


def _plain(rule: Group) -> int:
    sql = as_plain(rule)
    return _number(Sql(f"SELECT count(*) FROM plain WHERE {sql.text}", sql.params))  # noqa: S608


def _number(sql: Sql) -> int:
    [[number]] = _answered(sql)
    return int(number)


def _answered(sql: Sql) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        rows: list[Any] = cursor.fetchall()
    return rows


def _timed(way: Callable[[], Any]) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _fill() -> None:
    keep_facts([*FACTS, *OTHERS])
    while not refresh_census(now=NOW, batches=100).is_current:
        pass
    _run("VACUUM ANALYZE census_row")


def _make_plain() -> None:
    # What the census has, in a table made for it; that both answer as the facts do is asserted.
    columns = [
        column
        for fact, held in current_plan().seats.items()
        for column in plain_columns(fact, COLUMNS[fact], held)
    ]
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
            insert_profiles(PROFILES),
            IDENTIFIERS,
            CHOICES,
        )
    _run(
        *(
            f"VACUUM ANALYZE {table}"
            for table in (
                "profiles_profile",
                "profiles_profileidentifier",
                "consent_consentrecord",
            )
        )
    )


if __name__ == "__main__":
    main()
