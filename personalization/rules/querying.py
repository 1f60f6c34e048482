"""A rule read as SQL, over the facts of the whole population.

Nothing a rule states is put into the text of a query; it all travels as parameters.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from personalization.profiles.models import Profile
from personalization.rules.comparing_sql import COMPARE_SQL
from personalization.rules.reading_sql import READ_SQL, READ_SQL_OF_FEW
from personalization.rules.references import Resolve, inlined
from personalization.rules.sentences import condition_sentence
from personalization.rules.sql import Reading, Sql, joined
from personalization.rules.tree import Condition, Fact, Group, Rule

# Return a fact as SQL, as it is at a moment.
Read = Callable[[Fact, datetime], Reading]


class NotCountable(Exception):
    """How many profiles match depends on their visits; `conditions` says through what."""

    def __init__(self, conditions: tuple[str, ...]) -> None:
        super().__init__(f"This depends on the visit: {'; '.join(conditions)}.")
        self.conditions = conditions


def matching_profiles(
    rule: Rule,
    *,
    now: datetime,
    resolve: Resolve,
    assume_visit: bool = False,
) -> "QuerySet[Profile]":
    """Return the profiles that the rule matches at this moment.

    `resolve` finds the segments it names. Raises RuleError
    where one is missing, and NotCountable when the rule reads the context of a visit; with
    `assume_visit` the context is taken to be whatever lets a profile pass, and the answer is the
    most there can be.
    """
    whole = inlined(rule, resolve=resolve)
    visits = visit_conditions(whole, resolve=resolve)
    if visits and not assume_visit:
        raise NotCountable(visits)
    sql = rule_sql(whole, now=now)
    condition = RawSQL(sql.text, sql.params, output_field=BooleanField())  # noqa: S611
    return Profile.objects.filter(condition)


def visit_conditions(rule: Rule, *, resolve: Resolve) -> tuple[str, ...]:
    """Return, as sentences, the conditions that only a visit can decide; raises RuleError."""
    conditions = inlined(rule, resolve=resolve).conditions()
    return tuple(condition_sentence(one) for one in conditions if one.fact.is_context)


def read_from_profile(fact: Fact, now: datetime) -> Reading:
    """Return a fact as SQL over a profile's row."""
    return READ_SQL[fact.kind](fact, now)


def read_from_few(fact: Fact, now: datetime) -> Reading:
    """Return the same for a query that asks only some of the profiles."""
    return READ_SQL_OF_FEW.get(fact.kind, READ_SQL[fact.kind])(fact, now)


def rule_sql(whole: Rule, *, now: datetime, read: Read = read_from_profile) -> Sql:
    """Return a rule, with no references left in it, as SQL over whatever `read` reads."""
    return _group(whole, now, read, in_favour=True)


def _group(group: Group, now: datetime, read: Read, *, in_favour: bool) -> Sql:
    # Inside "none" a condition speaks against the visitor, so favour turns round.
    favour = in_favour if group.match != "none" else not in_favour
    members = [
        _group(member, now, read, in_favour=favour)
        if isinstance(member, Group)
        else _condition(member, now, read, in_favour=favour)
        for member in group.members
    ]
    return joined(COMBINE_SQL[group.match], members)


# What stands before the members and between them.
COMBINE_SQL: Final[Mapping[str, tuple[str, str]]] = {
    "all": ("", " AND "),
    "any": ("", " OR "),
    "none": ("NOT ", " OR "),
}


def _condition(condition: Condition, now: datetime, read: Read, *, in_favour: bool) -> Sql:
    if condition.fact.is_context:
        return Sql("TRUE" if in_favour else "FALSE")
    reading = read(condition.fact, now)
    return COMPARE_SQL[condition.operator](reading, condition.value, now)
