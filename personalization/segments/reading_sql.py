"""The facts of a rule as SQL over a profile's row."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.segments.folding import BLANKS, CAPITALS, SMALL
from personalization.segments.sql import Reading, Sql
from personalization.segments.tree import Fact

FACTS: Final = '"profiles_profile"."facts"'
DATE_OF_SECONDS: Final = (
    "to_char(to_timestamp({}::double precision) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
)


def _count(fact: Fact, now: datetime) -> Reading:
    if fact.category is None:
        return Reading(_sum_of_days(f"{FACTS}->'counts'->%s", (fact.name,), fact, now))
    path = f"{FACTS}->'categories'->%s->%s"
    return Reading(_sum_of_days(path, (fact.name, fact.category), fact, now))


def _sum(fact: Fact, now: datetime) -> Reading:
    return Reading(_sum_of_days(f"{FACTS}->'sums'->%s", (fact.name,), fact, now))


def _sum_of_days(path: str, params: tuple[str, ...], fact: Fact, now: datetime) -> Sql:
    text = (
        f"SELECT COALESCE(SUM(amount::numeric), 0) FROM jsonb_each_text({path}) AS d(day, amount)"  # noqa: S608 - only this file's own words
    )
    if fact.days is None:
        return Sql(f"({text})", params)
    earliest = _today(now) - fact.days + 1
    return Sql(f"({text} WHERE day::integer >= %s)", (*params, earliest))


def _days_since(fact: Fact, now: datetime) -> Reading:
    last = f"({FACTS}->'last'->>%s)::numeric"
    return Reading(
        Sql(f"(%s - FLOOR({last} / {SECONDS_PER_DAY}))", (_today(now), fact.name)),
    )


def _moment(key: str) -> Callable[[Fact, datetime], Reading]:
    date = DATE_OF_SECONDS.format(f"({FACTS}->'{key}'->>%s)")
    return lambda fact, _: Reading(text=Sql(date, (fact.name,)))


def _trait(fact: Fact, _: datetime) -> Reading:
    trait = f"({FACTS}->'traits'->%s)"
    of_kind = f"CASE jsonb_typeof{trait} WHEN %s THEN {{}} END"
    text = _folded(f"({FACTS}->'traits'->>%s)", fact.name)
    return Reading(
        Sql(f"({of_kind.format(f'{trait}::numeric')})", (fact.name, "number", fact.name)),
        Sql(f"({of_kind.format(text.text)})", (fact.name, "string", *text.params)),
        Sql(f"({of_kind.format(f'{trait}::boolean')})", (fact.name, "boolean", fact.name)),
    )


READ_SQL: Final[Mapping[str, Callable[[Fact, datetime], Reading]]] = {
    "count": _count,
    "sum": _sum,
    "days_since": _days_since,
    "first": _moment("first"),
    "last": _moment("last"),
    "trait": _trait,
}


def _folded(text: str, name: str) -> Sql:
    """Return SQL that does what `fold` does, and NULL for a blank text."""
    stripped = f"btrim({text}, %s)"
    lower = f'lower({stripped} COLLATE "C")'
    once = (name, BLANKS)
    # The long table is consulted only for texts that are not plain ASCII.
    return Sql(
        f"NULLIF(CASE WHEN octet_length({text}) = length({text}) THEN {lower}"
        f" ELSE translate({lower}, %s, %s) END, '')",
        (name, name, *once, *once, CAPITALS, SMALL),
    )


def _today(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS_PER_DAY
