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
    return Reading(_over_days("COALESCE(SUM({}), 0)", ("counts", "categories"), fact, now))


def _sum(fact: Fact, now: datetime) -> Reading:
    return Reading(_over_days("COALESCE(SUM({}), 0)", ("sums", "category_sums"), fact, now))


def _average(fact: Fact, now: datetime) -> Reading:
    cents = _over_days("SUM({}) * 100", ("sums", "category_sums"), fact, now)
    count = _count(fact, now).number
    text = f"(FLOOR({cents.text} / NULLIF({count.text}, 0)) / 100)"
    return Reading(Sql(text, (*cents.params, *count.params)))


def _extreme(function: str, key: str) -> Callable[[Fact, datetime], Reading]:
    return lambda fact, now: Reading(_over_days(f"{function}({{}})", (key, key), fact, now))


def _over_days(what: str, keys: tuple[str, str], fact: Fact, now: datetime) -> Sql:
    """Return SQL for an aggregate over the day buckets of the fact's window.

    `keys` are where the facts keep the buckets of all categories, and those of each.
    """
    whole, by_category = keys
    if fact.category is None:
        path, params = f"{FACTS}->'{whole}'->%s", [fact.name]
    else:
        path, params = f"{FACTS}->'{by_category}'->%s->%s", [fact.name, fact.category]
    aggregate = what.format("amount::numeric")
    text = f"SELECT {aggregate} FROM jsonb_each_text({path}) AS d(day, amount)"  # noqa: S608 - only this file's own words
    if fact.days is None:
        return Sql(f"({text})", tuple(params))
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


def _percentage(fact: Fact, _: datetime) -> Reading:
    digits = 'left(md5(%s || \':\' || "profiles_profile"."id"), 7)'
    number = f"(mod(('x' || {digits})::bit(28)::integer, 10000)::numeric / 100)"
    return Reading(Sql(number, (fact.name,)))


def _list(fact: Fact, _: datetime) -> Reading:
    return Reading(boolean=Sql(f"(CASE WHEN {FACTS}->'lists' ? %s THEN TRUE END)", (fact.name,)))


READ_SQL: Final[Mapping[str, Callable[[Fact, datetime], Reading]]] = {
    "count": _count,
    "sum": _sum,
    "average": _average,
    "minimum": _extreme("MIN", "lowest"),
    "maximum": _extreme("MAX", "highest"),
    "days_since": _days_since,
    "first": _moment("first"),
    "last": _moment("last"),
    "trait": _trait,
    "percentage": _percentage,
    "list": _list,
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
