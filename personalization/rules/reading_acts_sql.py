"""What a visitor did in which order, how variedly, and in the visit going on, as SQL."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from personalization.events.counting import AS_ACT, IN_CATEGORY
from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.profiles.lifecycle import LAPSED_DAYS, NOT_ACTS, QUIET_DAYS, YOUNG_DAYS
from personalization.profiles.visits import SESSION_SECONDS
from personalization.rules.reading_acts import (
    FOLLOWED,
    FOLLOWED_BEFORE,
    NOT_FOLLOWED,
    PENDING,
    SECONDS_PER_MINUTE,
)
from personalization.rules.sql import FACTS, Reading, Sql
from personalization.rules.tree import Fact

ITEMS: Final = f"FROM jsonb_each_text({FACTS}->'items'->%s) AS i(item, day)"
ITEMS_WITHIN: Final = f"{ITEMS} WHERE day::integer >= %s"
CATEGORIES: Final = f"FROM jsonb_each({FACTS}->'categories'->%s) AS c(category, days)"
CATEGORIES_WITHIN: Final = (
    f"{CATEGORIES} WHERE EXISTS (SELECT FROM jsonb_object_keys(days) AS d(day)"
    " WHERE day::integer >= %s)"
)
# What is counted: over everything there is, and over a window.
DISTINCT: Final = {"items": (ITEMS, ITEMS_WITHIN), "categories": (CATEGORIES, CATEGORIES_WITHIN)}

# Such an act: an order is one, and one in each of its categories.
IS_STEP: Final = f"""act->>1 = %s AND CASE WHEN %s::text IS NULL
 THEN COALESCE((act->>4)::integer, {AS_ACT}) & {AS_ACT} > 0
 ELSE act->>3 = %s AND COALESCE((act->>4)::integer, {IN_CATEGORY}) & {IN_CATEGORY} > 0 END"""
# Each first step, and whether it was followed in time.
STEPS: Final = f"""SELECT at, place, EXISTS (
 SELECT FROM jsonb_array_elements({FACTS}->'recent') AS b(act)
 WHERE {IS_STEP} AND (act->>0)::bigint > at AND (act->>0)::bigint <= at + %s) AS is_followed
FROM (SELECT place, (act->>0)::bigint AS at
 FROM jsonb_array_elements({FACTS}->'recent') WITH ORDINALITY AS a(act, place)
 WHERE {IS_STEP} AND (act->>0)::bigint >= %s) AS firsts"""  # noqa: S608 - only this file's own words
SEQUENCE: Final = f"""(SELECT CASE WHEN count(*) = 0 THEN NULL
 WHEN (array_agg(is_followed ORDER BY place DESC))[1] THEN '{FOLLOWED}'
 WHEN bool_or(is_followed) THEN CASE WHEN %s - (array_agg(at ORDER BY place DESC))[1] > %s
  THEN '{FOLLOWED_BEFORE}' ELSE '{FOLLOWED}' END
 WHEN %s - (array_agg(at ORDER BY place DESC))[1] > %s THEN '{NOT_FOLLOWED}'
 ELSE '{PENDING}' END FROM ({STEPS}) AS steps)"""  # noqa: S608

# What events of no order were worth at most or at least, and what each order came to.
EXTREMES: Final = f"""(SELECT {{function}}(amount) FROM (
 SELECT amount::numeric FROM jsonb_each_text({FACTS}->'{{key}}'->%s) AS d(day, amount)
  WHERE day COLLATE "C" >= %s
 UNION ALL SELECT sum(amount::numeric)
  FROM jsonb_each_text({FACTS}->'orders'->%s) AS o(line, amount)
  GROUP BY split_part(line, ':', 2) HAVING max(split_part(line, ':', 1) COLLATE "C") >= %s
) AS amounts(amount))"""  # noqa: S608 - only this file's own words

SESSION: Final = f"{FACTS}->'session'"
IS_ON: Final = f"%s - ({SESSION}->>'last')::numeric <= {SESSION_SECONDS}"
OF_SESSION: Final = {
    "events": f"({SESSION}->>'events')::numeric",
    "minutes": f"GREATEST(0, floor((%s - ({SESSION}->>'started')::numeric)"
    f" / {SECONDS_PER_MINUTE}))",
}

LIFECYCLE: Final = f"""(SELECT CASE WHEN count(*) = 0 THEN NULL
 WHEN %s - floor(max(latest) / {SECONDS_PER_DAY}) > {LAPSED_DAYS} THEN 'lapsed'
 WHEN %s - floor(max(latest) / {SECONDS_PER_DAY}) > {QUIET_DAYS} THEN 'at_risk'
 WHEN %s - floor((SELECT min(at::numeric) FROM jsonb_each_text({FACTS}->'first') AS f(kind, at)
  WHERE kind <> ALL(%s)) / {SECONDS_PER_DAY}) <= {YOUNG_DAYS} THEN 'new'
 ELSE 'active' END
FROM (SELECT at::numeric AS latest FROM jsonb_each_text({FACTS}->'last') AS l(kind, at)
 WHERE kind <> ALL(%s)) AS acts)"""  # noqa: S608


def distinct(fact: Fact, now: datetime) -> Reading:
    """Return how many items or categories the events of a window were about."""
    ever, within = DISTINCT[str(fact.of)]
    if fact.days is None:
        return Reading(Sql(f"(SELECT count(*) {ever})", (fact.name,)))
    earliest = _seconds(now) // SECONDS_PER_DAY - fact.days + 1
    return Reading(Sql(f"(SELECT count(*) {within})", (fact.name, earliest)))


def extreme(function: str, key: str) -> Callable[[Fact, datetime], Reading]:
    """Return the reading of the smallest or the largest: an order is the sum of its lines."""

    def read(fact: Fact, now: datetime) -> Reading:
        days = fact.days
        earliest = "" if days is None else str(_seconds(now) // SECONDS_PER_DAY - days + 1)
        params = (fact.name, earliest) * 2
        return Reading(Sql(EXTREMES.format(function=function, key=key), params))

    return read


def sequence(fact: Fact, now: datetime) -> Reading:
    """Return how the two steps stand to each other among the latest acts."""
    seconds, limit = _seconds(now), int(fact.minutes or 0) * SECONDS_PER_MINUTE
    earliest = (seconds // SECONDS_PER_DAY - fact.days + 1) * SECONDS_PER_DAY if fact.days else 0
    over = (seconds, limit)
    second = (fact.then, fact.then_category, fact.then_category, limit)
    first = (fact.name, fact.category, fact.category, earliest)
    return Reading(text=Sql(SEQUENCE, (*over, *over, *second, *first)))


def session(fact: Fact, now: datetime) -> Reading:
    """Return the number of visits so far, or the acts or the whole minutes of this one."""
    if fact.name == "number":
        return Reading(Sql(f"COALESCE(({SESSION}->>'number')::numeric, 0)"))
    return Reading(
        _while_on(OF_SESSION[fact.name], now, *[_seconds(now)] * (fact.name == "minutes"))
    )


def in_session(fact: Fact, now: datetime) -> Reading:
    """Return how many events of a type this visit had so far."""
    return Reading(_while_on(f"({SESSION}->'types'->>%s)::numeric", now, fact.name))


def lifecycle(_: Fact, now: datetime) -> Reading:
    """Return where the visitor stands in their life with the shop."""
    today, left_out = _seconds(now) // SECONDS_PER_DAY, sorted(NOT_ACTS)
    return Reading(text=Sql(LIFECYCLE, (today, today, today, left_out, left_out)))


def _while_on(number: str, now: datetime, *params: object) -> Sql:
    text = f"COALESCE(CASE WHEN {IS_ON} THEN {number} END, 0)"
    return Sql(text, (_seconds(now), *params))


def _seconds(now: datetime) -> int:
    return int(now.timestamp())
