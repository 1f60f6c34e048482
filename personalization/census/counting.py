"""How many profiles match, exactly and at this moment, from the census as far as it can tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db import connection

from personalization.census.planning import Plan, current_plan
from personalization.census.statements import (
    Asked,
    asked,
    combinations_statement,
    count_statement,
    found_statement,
    mask,
)
from personalization.rules.querying import rule_sql
from personalization.rules.sql import Sql, filled
from personalization.rules.tree import Rule

# PostgreSQL answers at most 1,664 columns.
COLUMNS: Final = 1_500
# How often the slots may change under a count, before it asks the profiles themselves.
ATTEMPTS: Final = 3
MASKS_OF_PROFILES: Final = "SELECT {mask}, count(*) FROM profiles_profile GROUP BY 1"
ALL_PROFILES: Final = "SELECT count(*){counts} FROM profiles_profile"
NEWEST_PROFILES: Final = (
    "SELECT id FROM profiles_profile WHERE {rule} ORDER BY id DESC LIMIT {limit}"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many profiles there are, and how many match each rule, by its key."""

    total: int
    matched: Mapping[str, int]


class _OtherLayout(Exception):
    """The slots changed between planning a statement and answering it."""


def spares_profiles(*, rule: Rule, now: datetime) -> bool:
    """Whether the census can count this rule without reading every profile."""
    return asked(rule, plan=current_plan(), now=now) is not None


def count_rules(*, rules: Mapping[str, Rule], now: datetime) -> Counted:
    """Count the profiles that match each rule, with every condition on the visit fulfilled.

    The rules have no references left in them. One scan of the census counts all that it can
    tell of; one of the profiles, the others.
    """
    for _ in range(ATTEMPTS):
        try:
            return _count(rules, current_plan(), now)
        except _OtherLayout:
            continue
    return Counted(*_count_profiles(rules, now))


def count_combinations(*, rules: Sequence[Rule], now: datetime) -> dict[int, int]:
    """Count the profiles by which of the rules match: bit n of a key says that rule n does.

    One scan: of the census where it can tell of all these rules, and else of the profiles. The
    rules have no references left in them.
    """
    for _ in range(ATTEMPTS):
        plan = current_plan()
        found = [one for rule in rules if (one := asked(rule, plan=plan, now=now))]
        if len(found) < len(rules):
            break
        day = plan.day if any(map(plan.needs_day, rules)) else None
        rows = _answered(combinations_statement(found, day=day))
        if all(version == plan.version for version, _, _ in rows):
            return {matching: profiles for _, matching, profiles in rows}
    by_facts = mask([rule_sql(rule, now=now) for rule in rules])
    return dict(_answered(filled(MASKS_OF_PROFILES, mask=by_facts)))


def newest_matching(*, rule: Rule, limit: int, now: datetime) -> list[int]:
    """Return the ids of the newest profiles that match, the newest first."""
    for _ in range(ATTEMPTS):
        plan = current_plan()
        one = asked(rule, plan=plan, now=now)
        if one is None:
            break
        day = plan.day if plan.needs_day(rule) else None
        rows = _answered(found_statement(one, day=day, limit=limit))
        if all(version == plan.version for version, _ in rows):
            return [profile_id for _, profile_id in rows if profile_id is not None]
    by_facts = rule_sql(rule, now=now)
    sql = filled(NEWEST_PROFILES, rule=by_facts, limit=Sql("%s", (limit,)))
    return [profile_id for (profile_id,) in _answered(sql)]


def _count(rules: Mapping[str, Rule], plan: Plan, now: datetime) -> Counted:
    found = {key: asked(rule, plan=plan, now=now) for key, rule in rules.items()}
    told = {key: one for key, one in found.items() if one is not None}
    of_a_day = {key for key in told if plan.needs_day(rules[key])}
    others = {key: rule for key, rule in rules.items() if key not in told}
    total = 0
    matched: dict[str, int] = {}
    for day, keys in ((plan.day, of_a_day), (None, told.keys() - of_a_day)):
        for batch in _batches({key: told[key] for key in told if key in keys}):
            total, counts = _count_rows(batch, plan, day)
            matched |= counts
    if others or not told:
        total, counts = _count_profiles(others, now)
        matched |= counts
    return Counted(total, matched)


def _count_rows(
    rules: Mapping[str, Asked], plan: Plan, day: int | None
) -> tuple[int, dict[str, int]]:
    [row] = _answered(count_statement(list(rules.values()), day=day))
    version, total, *counts = row
    if version != plan.version:
        raise _OtherLayout
    return total, dict(zip(rules, counts, strict=True))


def _count_profiles(rules: Mapping[str, Rule], now: datetime) -> tuple[int, dict[str, int]]:
    total = 0
    matched: dict[str, int] = {}
    for batch in _batches({key: rule_sql(rule, now=now) for key, rule in rules.items()}) or [{}]:
        text = "".join(f", count(*) FILTER (WHERE {one.text})" for one in batch.values())
        params = tuple(param for one in batch.values() for param in one.params)
        [(total, *counts)] = _answered(filled(ALL_PROFILES, counts=Sql(text, params)))
        matched |= dict(zip(batch, counts, strict=True))
    return total, matched


def _answered(sql: Sql) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        rows: list[Any] = cursor.fetchall()
    return rows


def _batches(rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(_batched(rules))


def _batched(rules: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    left = iter(rules.items())
    while batch := dict(islice(left, COLUMNS)):
        yield batch
