"""The facts of a rule as SQL over a profile's row."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from consent.purposes import NECESSARY
from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.rules import reading_acts_sql as acts
from personalization.rules.folding import BLANKS, CAPITALS, SMALL
from personalization.rules.geography import DATE_LINE, POLE
from personalization.rules.sql import FACTS, Reading, Sql, filled
from personalization.rules.tree import Fact

LOWER: Final = 'lower(btrim({text}, {blanks}) COLLATE "C")'
DATE_OF_SECONDS: Final = (
    "to_char(to_timestamp({}::double precision) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
)
# Whoever agreed under one identifier and refused under none. What an erased person chose before is
# no consent any more. It does not depend on the profile at hand, so that it is read once.
GRANTED: Final = """("profiles_profile"."id" IN (
 SELECT i.profile_id FROM profiles_profileidentifier AS i JOIN (
  SELECT DISTINCT ON (pseudonym) pseudonym, state, recorded_at FROM consent_consentrecord
  WHERE purpose = %s ORDER BY pseudonym, id DESC) AS c USING (pseudonym)
 LEFT JOIN consent_suppression AS s USING (pseudonym)
 WHERE s.erased_at IS NULL OR c.recorded_at > s.erased_at
 GROUP BY i.profile_id HAVING bool_and(c.state = 'granted')))"""

# The same of the profile at hand alone: what is asked of few profiles need not read all choices.
GRANTED_TO_ONE: Final = """COALESCE((
 SELECT bool_and(c.state = 'granted') FROM profiles_profileidentifier AS i
 CROSS JOIN LATERAL (SELECT state, recorded_at FROM consent_consentrecord
  WHERE pseudonym = i.pseudonym AND purpose = %s ORDER BY id DESC LIMIT 1) AS c
 LEFT JOIN consent_suppression AS s USING (pseudonym)
 WHERE i.profile_id = "profiles_profile"."id"
  AND (s.erased_at IS NULL OR c.recorded_at > s.erased_at)), FALSE)"""


def _count(fact: Fact, now: datetime) -> Reading:
    return Reading(_over_days("COALESCE(SUM({}), 0)", ("counts", "categories"), fact, now))


def _sum(fact: Fact, now: datetime) -> Reading:
    return Reading(_over_days("COALESCE(SUM({}), 0)", ("sums", "category_sums"), fact, now))


def _average(fact: Fact, now: datetime) -> Reading:
    cents = _over_days("SUM({}) * 100", ("sums", "category_sums"), fact, now)
    count = _count(fact, now).number
    return Reading(filled("(FLOOR({cents} / NULLIF({count}, 0)) / 100)", cents=cents, count=count))


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
    earliest = str(_today(now) - fact.days + 1)
    # Days have five digits from 1997 to 2243: their order as texts is that of numbers.
    return Sql(f'({text} WHERE day COLLATE "C" >= %s)', (*params, earliest))


def _days_since(fact: Fact, now: datetime) -> Reading:
    last = f"({FACTS}->'last'->>%s)::numeric"
    return Reading(
        Sql(f"(%s - FLOOR({last} / {SECONDS_PER_DAY}))", (_today(now), fact.name)),
    )


def _moment(key: str) -> Callable[[Fact, datetime], Reading]:
    date = DATE_OF_SECONDS.format(f"({FACTS}->'{key}'->>%s)")
    return lambda fact, _: Reading(text=Sql(date, (fact.name,)))


def reading_of_json(value: Sql) -> Reading:
    """Return the reading of a jsonb expression that may be any scalar, or a list of them."""
    kind = "CASE jsonb_typeof({value}) WHEN "
    as_text = filled("({value} #>> '{{}}')", value=value)
    return Reading(
        number=filled(f"({kind}'number' THEN ({{value}})::numeric END)", value=value),
        text=filled(f"({kind}'string' THEN {{text}} END)", value=value, text=_folded(as_text)),
        ascii=(
            filled(LOWER, text=as_text, blanks=Sql("%s", (BLANKS,))),
            filled("jsonb_typeof({value}) = 'string'", value=value),
        ),
        boolean=filled(f"({kind}'boolean' THEN ({{value}})::boolean END)", value=value),
    )


def _trait(fact: Fact, _: datetime) -> Reading:
    trait = Sql(f"({FACTS}->'traits'->%s)", (fact.name,))
    alone = reading_of_json(trait)
    listed = "CASE jsonb_typeof({trait}) WHEN 'array' THEN {trait}"
    members = filled(f"({listed} ELSE jsonb_build_array({{trait}}) END)", trait=trait)
    return Reading(
        number=alone.number,
        text=alone.text,
        boolean=alone.boolean,
        ascii=alone.ascii,
        members=members,
        is_list=filled(
            f"EXISTS (SELECT FROM jsonb_array_elements({listed} END) AS m(member) WHERE {{has}})",
            trait=trait,
            has=IS_SOMETHING,
        ),
    )


def _score(fact: Fact, _: datetime) -> Reading:
    return Reading(Sql(f"({FACTS}->'scores'->>%s)::numeric", (fact.name,)))


def _persona(_: Fact, __: datetime) -> Reading:
    return Reading(text=_folded(Sql(f"({FACTS}->>'persona')")))


def _consent(granted: str) -> Callable[[Fact, datetime], Reading]:
    necessary = Reading(boolean=Sql("TRUE"))

    def read(fact: Fact, _: datetime) -> Reading:
        is_necessary = fact.name == NECESSARY
        return necessary if is_necessary else Reading(boolean=Sql(granted, (fact.name,)))

    return read


def _location(_: Fact, __: datetime) -> Reading:
    """Return where a profile was stated to be; only a visit knows where it is."""
    return Reading(latitude=Sql(_degrees("latitude")), longitude=Sql(_degrees("longitude")))


def _degrees(name: str) -> str:
    is_on_earth = " AND ".join(
        f"CASE jsonb_typeof(traits->'{each}') WHEN 'number'"
        f" THEN abs((traits->>'{each}')::numeric) <= {limit} ELSE FALSE END"
        for each, limit in (("latitude", POLE), ("longitude", DATE_LINE))
    )
    # OFFSET 0 lets PostgreSQL unpack the facts once instead of five times.
    return (
        f"(SELECT CASE WHEN {is_on_earth} THEN (traits->'{name}')::float8 END"  # noqa: S608
        f" FROM (SELECT {FACTS}->'traits' AS traits OFFSET 0) AS stated)"
    )


def _percentage(fact: Fact, _: datetime) -> Reading:
    digits = 'left(md5(%s || \':\' || "profiles_profile"."id"), 7)'
    number = f"(mod(('x' || {digits})::bit(28)::integer, 10000)::numeric / 100)"
    return Reading(Sql(number, (fact.name,)))


def _list(fact: Fact, _: datetime) -> Reading:
    return Reading(boolean=Sql(f"(CASE WHEN {FACTS}->'lists' ? %s THEN TRUE END)", (fact.name,)))


READ_SQL: Final[dict[str, Callable[[Fact, datetime], Reading]]] = {
    "count": _count,
    "sum": _sum,
    "average": _average,
    "minimum": acts.extreme("min", "lowest"),
    "maximum": acts.extreme("max", "highest"),
    "days_since": _days_since,
    "first": _moment("first"),
    "last": _moment("last"),
    "distinct": acts.distinct,
    "sequence": acts.sequence,
    "session": acts.session,
    "in_session": acts.in_session,
    "lifecycle": acts.lifecycle,
    "score": _score,
    "persona": _persona,
    "consent": _consent(GRANTED),
    "location": _location,
    "trait": _trait,
    "percentage": _percentage,
    "list": _list,
}
# What is read in another way where few profiles are asked.
READ_SQL_OF_FEW: Final = {"consent": _consent(GRANTED_TO_ONE)}


def _folded(text: Sql) -> Sql:
    """Return SQL that does what `fold` does, and NULL for a blank text."""
    # The long table is consulted only for texts that are not plain ASCII.
    return filled(
        f"NULLIF(CASE WHEN octet_length({{text}}) = length({{text}}) THEN {LOWER}"
        f" ELSE translate({LOWER}, {{capitals}}, {{small}}) END, '')",
        text=text,
        blanks=Sql("%s", (BLANKS,)),
        capitals=Sql("%s", (CAPITALS,)),
        small=Sql("%s", (SMALL,)),
    )


def _today(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS_PER_DAY


# Of a member of a list: whether it is a value, and no blank one.
MEMBER: Final = reading_of_json(Sql("member"))
IS_SOMETHING: Final = filled(
    "({number} IS NOT NULL OR {text} IS NOT NULL OR {boolean} IS NOT NULL)",
    number=MEMBER.number,
    text=MEMBER.text,
    boolean=MEMBER.boolean,
)
