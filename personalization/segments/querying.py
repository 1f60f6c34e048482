"""A rule read as SQL, over the facts of the whole population.

Nothing a rule states is put into the text of a query; it all travels as parameters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.profiles.models import Profile
from personalization.segments.folding import BLANKS, CAPITALS, SMALL, fold
from personalization.segments.rules import Condition, Fact, Group, Rule, Scalar
from personalization.segments.sentences import condition_sentence

FACTS: Final = '"profiles_profile"."facts"'


class NotCountable(Exception):
    """How many profiles match depends on their visits; `conditions` says through what."""

    def __init__(self, conditions: tuple[str, ...]) -> None:
        super().__init__(f"This depends on the visit: {'; '.join(conditions)}.")
        self.conditions = conditions


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the parameters it asks for, in order."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One fact as SQL: as a number, a text and a boolean, of which at most one is not NULL."""

    number: Sql
    text: Sql = Sql("NULL::text")
    boolean: Sql = Sql("NULL::boolean")


def matching_profiles(
    rule: Rule, *, now: datetime, assume_visit: bool = False
) -> "QuerySet[Profile]":
    """Return the profiles that the rule matches at this moment.

    Raises NotCountable when the rule reads the context of a visit; with `assume_visit` the
    context is taken to be whatever lets a profile pass, and the answer is the most there can be.
    """
    visits = visit_conditions(rule)
    if visits and not assume_visit:
        raise NotCountable(visits)
    sql = _group(rule, now, in_favour=True)
    condition = RawSQL(sql.text, sql.params, output_field=BooleanField())  # noqa: S611
    return Profile.objects.filter(condition)


def visit_conditions(rule: Rule) -> tuple[str, ...]:
    """Return, as sentences, the conditions that only a visit can decide."""
    return tuple(condition_sentence(one) for one in rule.conditions() if one.fact.is_context)


def _group(group: Group, now: datetime, *, in_favour: bool) -> Sql:
    # Inside "none" a condition speaks against the visitor, so favour turns round.
    favour = in_favour if group.match != "none" else not in_favour
    members = [
        _group(member, now, in_favour=favour)
        if isinstance(member, Group)
        else _condition(member, now, in_favour=favour)
        for member in group.members
    ]
    return _joined(COMBINE_SQL[group.match], members)


# What stands before the members and between them.
COMBINE_SQL: Final[Mapping[str, tuple[str, str]]] = {
    "all": ("", " AND "),
    "any": ("", " OR "),
    "none": ("NOT ", " OR "),
}


def _joined(words: tuple[str, str], members: list[Sql]) -> Sql:
    before, between = words
    text = f"{before}({between.join(member.text for member in members)})"
    return Sql(text, tuple(param for member in members for param in member.params))


def _condition(condition: Condition, now: datetime, *, in_favour: bool) -> Sql:
    if condition.fact.is_context:
        return Sql("TRUE" if in_favour else "FALSE")
    reading = READ_SQL[condition.fact.kind](condition.fact, now)
    return COMPARE_SQL[condition.operator](reading, condition.value)


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


def _trait(fact: Fact, now: datetime) -> Reading:
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


def _is_set(reading: Reading, _: object) -> Sql:
    present = [
        Sql(f"{one.text} IS NOT NULL", one.params)
        for one in (reading.number, reading.text, reading.boolean)
    ]
    return _joined(("", " OR "), present)


def _is_not_set(reading: Reading, _: object) -> Sql:
    return _joined(("NOT ", ""), [_is_set(reading, None)])


def _among(reading: Reading, values: Any) -> Sql:
    """Return SQL for "equals one of these", each in the column of its own kind."""
    texts = [fold(one) for one in values if isinstance(one, str)]
    booleans = [one for one in values if isinstance(one, bool)]
    numbers = [_decimal(one) for one in values if not isinstance(one, str | bool)]
    columns = (
        (reading.text, "text", texts),
        (reading.boolean, "boolean", booleans),
        (reading.number, "numeric", numbers),
    )
    tests = [
        Sql(f"COALESCE({column.text} = ANY(%s::{kind}[]), FALSE)", (*column.params, wanted))
        for column, kind, wanted in columns
        if wanted
    ]
    return _joined(("", " OR "), tests)


def _not_among(reading: Reading, values: Any) -> Sql:
    refused = _joined(("NOT ", ""), [_among(reading, values)])
    return _joined(("", " AND "), [_is_set(reading, None), refused])


def _number(operator: str) -> Callable[[Reading, Any], Sql]:
    def compare(reading: Reading, value: Any) -> Sql:
        text = f"COALESCE({reading.number.text} {operator} %s::numeric, FALSE)"
        return Sql(text, (*reading.number.params, _decimal(value)))

    return compare


def _text(function: str) -> Callable[[Reading, Any], Sql]:
    def compare(reading: Reading, value: Any) -> Sql:
        text = f"COALESCE({function.format(reading.text.text)}, FALSE)"
        return Sql(text, (*reading.text.params, fold(value)))

    return compare


COMPARE_SQL: Final[Mapping[str, Callable[[Reading, Any], Sql]]] = {
    "equals": lambda reading, value: _among(reading, (value,)),
    "not_equals": lambda reading, value: _not_among(reading, (value,)),
    "greater": _number(">"),
    "at_least": _number(">="),
    "less": _number("<"),
    "at_most": _number("<="),
    "in": _among,
    "not_in": _not_among,
    "contains": _text("strpos({}, %s) > 0"),
    "begins": _text("starts_with({}, %s)"),
    "is_set": _is_set,
    "is_not_set": _is_not_set,
}


def _decimal(value: Scalar) -> Decimal:
    # The shortest decimal that names the float: what JSON and so jsonb keep of it.
    return Decimal(repr(value))


def _today(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS_PER_DAY
