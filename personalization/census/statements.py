"""The statements that ask the census, each right at the moment it is answered.

A row of the census is as its profile was when it was written. What changed since is noted, and so

    all rows, by their columns
    - the rows of noted profiles, by their columns
    + the noted profiles themselves, by their facts

is what asking every profile would answer, and the first line is a plain scan. While a day begins,
rows that are still of another day count as noted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from personalization.census.planning import Plan
from personalization.census.slots import ROW
from personalization.rules.querying import read_from_few, rule_sql
from personalization.rules.sql import Sql, filled, joined
from personalization.rules.tree import Condition, Group, Rule

NOTED: Final = (
    "SELECT profile_id FROM census_change UNION ALL"
    " SELECT i.profile_id FROM census_choicechange AS c JOIN LATERAL (SELECT profile_id"
    " FROM profiles_profileidentifier WHERE pseudonym = c.pseudonym OFFSET 0) AS i ON TRUE"
)
OF_ANOTHER_DAY: Final = " UNION SELECT profile_id FROM census_row WHERE day <> {day}"
OF_THE_DAY: Final = " WHERE census_row.day = {day}"
# Few are noted, so that each is looked up; OFFSET keeps the planner from reading all instead,
# which it would where it remembers how many there once were.
NOTED_ROWS: Final = (
    "noted JOIN LATERAL (SELECT * FROM census_row AS r WHERE r.profile_id = noted.profile_id"
    " OFFSET 0) AS census_row ON TRUE"
)
NOTED_PROFILES: Final = (
    "noted JOIN LATERAL (SELECT * FROM profiles_profile AS p WHERE p.id = noted.profile_id"
    ' OFFSET 0) AS "profiles_profile" ON TRUE'
)
COUNTED: Final = """
WITH noted AS MATERIALIZED (SELECT DISTINCT profile_id FROM ({noted}) AS notes)
SELECT (SELECT max(version) FROM census_layout), {sums} FROM (
 SELECT {all} FROM census_row{of_the_day}
 UNION ALL SELECT {outdated} FROM {noted_rows}{of_the_day}
 UNION ALL SELECT {changed} FROM {noted_profiles}
) AS parts
"""
# The same by which of several rules match: bit n of the mask says that rule n does.
COMBINED: Final = """
WITH noted AS MATERIALIZED (SELECT DISTINCT profile_id FROM ({noted}) AS notes)
SELECT (SELECT max(version) FROM census_layout), mask, sum(profiles)::bigint FROM (
 SELECT {rows} AS mask, count(*) AS profiles FROM census_row{of_the_day} GROUP BY 1
 UNION ALL SELECT {rows}, -count(*) FROM {noted_rows}{of_the_day} GROUP BY 1
 UNION ALL SELECT {changed}, count(*) FROM {noted_profiles} GROUP BY 1
) AS parts GROUP BY mask HAVING sum(profiles) <> 0
"""
FOUND: Final = """
WITH noted AS MATERIALIZED (SELECT DISTINCT profile_id FROM ({noted}) AS notes)
SELECT version, profile_id FROM (SELECT max(version) AS version FROM census_layout) AS layout
LEFT JOIN (
 (SELECT profile_id FROM census_row WHERE {rule}
  AND profile_id NOT IN (SELECT profile_id FROM noted){newest_rows})
 UNION ALL (SELECT id FROM {noted_profiles} WHERE {by_facts}{newest_profiles})
) AS found ON TRUE{newest}
"""
# Rows are compared by their place in the table, so that the whole is scanned, by all workers, and
# not the index from its end, which takes long where few match.
NEWEST: Final = {
    "newest_rows": " ORDER BY profile_id + 0 DESC LIMIT %s",
    "newest_profiles": " ORDER BY id DESC LIMIT %s",
    "newest": " ORDER BY profile_id DESC NULLS LAST LIMIT %s",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule in two forms: over a row of the census, and over a profile."""

    by_columns: Sql
    by_facts: Sql


def asked(rule: Rule, *, plan: Plan, now: datetime) -> Asked | None:
    """Return what to ask of the census; None where it would not spare reading all profiles.

    `rule` has no references left in it. Of one whose conditions must all hold, those that the
    census cannot tell are asked of the few profiles for which the others hold.
    """
    by_facts = rule_sql(rule, now=now, read=read_from_few)
    if plan.can_read(rule, now):
        return Asked(rule_sql(rule, now=now, read=plan.read), by_facts)
    told = tuple(one for one in rule.members if plan.can_read(one, now))
    if rule.match != "all" or not any(_reads(one) for one in told):
        return None
    rest = tuple(one for one in rule.members if one not in told)
    parts = [
        rule_sql(Group("all", told), now=now, read=plan.read),
        filled(
            "(SELECT {rest} FROM profiles_profile WHERE id = {row}.profile_id)",
            rest=rule_sql(Group("all", rest), now=now),
            row=Sql(ROW),
        ),
    ]
    return Asked(joined(("", " AND "), parts), by_facts)


def count_statement(rules: Sequence[Asked], *, day: int | None) -> Sql:
    """Return SQL for the version, how many profiles there are, and how many match each rule.

    `day` is given where rows of other days must be left out.
    """
    columns = [one.by_columns for one in rules]
    sums = ", ".join(f"sum(c{number})::bigint" for number in range(len(rules) + 1))
    return filled(
        COUNTED,
        sums=Sql(sums),
        all=_counts(columns, sign=""),
        outdated=_counts(columns, sign="-"),
        changed=_counts([one.by_facts for one in rules], sign=""),
        **_places(day),
    )


def combinations_statement(rules: Sequence[Asked], *, day: int | None) -> Sql:
    """Return SQL for the version, each mask of rules that match, and how many profiles have it."""
    return filled(
        COMBINED,
        rows=mask([one.by_columns for one in rules]),
        changed=mask([one.by_facts for one in rules]),
        **_places(day),
    )


def mask(rules: Sequence[Sql]) -> Sql:
    """Return SQL for a number of which bit n says whether rule n holds."""
    return joined(
        ("", " + "),
        [
            filled(f"CASE WHEN {{rule}} THEN {1 << bit} ELSE 0 END", rule=rule)
            for bit, rule in enumerate(rules)
        ],
    )


def found_statement(rule: Asked, *, day: int | None, limit: int | None) -> Sql:
    """Return SQL for the version and the ids of the profiles that match.

    Of all, or of so many of the newest, the newest first. One row without an id: there are none.
    """
    places = _places(day)
    of_the_day = Sql(" AND census_row.day = %s", (day,)) if day is not None else Sql("")
    newest = {
        name: Sql("") if limit is None else Sql(text, (limit,)) for name, text in NEWEST.items()
    }
    return filled(
        FOUND,
        rule=filled("({rule}){day}", rule=rule.by_columns, day=of_the_day),
        by_facts=rule.by_facts,
        **newest,
        noted=places["noted"],
        noted_profiles=places["noted_profiles"],
    )


def _reads(member: Group | Condition) -> bool:
    """Whether it asks for anything that a visit does not decide."""
    return any(not one.fact.is_context for one in Group("all", (member,)).conditions())


def _counts(rules: Sequence[Sql], *, sign: str) -> Sql:
    texts = [f"{sign}count(*) AS c0"]
    for number, rule in enumerate(rules, start=1):
        texts.append(f"{sign}count(*) FILTER (WHERE {rule.text}) AS c{number}")
    return Sql(", ".join(texts), tuple(param for rule in rules for param in rule.params))


def _places(day: int | None) -> Mapping[str, Sql]:
    noted, of_the_day = Sql(NOTED), Sql("")
    if day is not None:
        today = Sql("%s", (day,))
        noted = filled(NOTED + OF_ANOTHER_DAY, day=today)
        of_the_day = filled(OF_THE_DAY, day=today)
    return {
        "noted": noted,
        "of_the_day": of_the_day,
        "noted_rows": Sql(NOTED_ROWS),
        "noted_profiles": Sql(NOTED_PROFILES),
    }
