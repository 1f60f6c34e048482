"""Python, SQL and English say the same of every rule."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consent.checking import Choices
from personalization.profiles.models import Profile
from personalization.rules.choices import (
    BEHAVIOUR_CHOICES,
    GROUP_CHOICES,
    OPERATOR_CHOICES,
    PERSON_CHOICES,
)
from personalization.rules.comparing import WRITTEN
from personalization.rules.comparing_sql import COMPARE_SQL
from personalization.rules.compiling import HOLDS, Known, compile_rule
from personalization.rules.folding import fold
from personalization.rules.generating import COMBINE, RuleBook
from personalization.rules.operands import FORMS
from personalization.rules.parsing import parse_condition, parse_rule
from personalization.rules.patterns import compiled, written_out
from personalization.rules.querying import COMBINE_SQL, matching_profiles
from personalization.rules.reading import READ
from personalization.rules.reading_sql import READ_SQL
from personalization.rules.references import MEMBERSHIP, inlined
from personalization.rules.sentences import AMOUNTS, CONTEXT_LABELS, JOINERS, PHRASES, SUBJECTS
from personalization.rules.values import VALUES
from personalization.rules.vocabulary import (
    AMOUNTS_ONLY,
    CONTEXT_NAMES,
    MATCHES,
    NUMERIC,
    OPERATORS_OF,
    PARAMETERS,
    VALUE_KINDS,
)

from .drawn_rules import PAIRS, RESOLVE, RULES, conditions, patterns
from .population import NOW, People, population, some_facts

__all__ = ("population",)


def same_profiles(population: People, raw: Any) -> bool:
    rule = parse_rule(raw)
    matches = compile_rule(rule, resolve=RESOLVE).matches
    by_python = {one.profile_id for one in population if matches(replace(one, read={}))}
    found = matching_profiles(rule, now=NOW, resolve=RESOLVE)
    by_sql = set(found.values_list("pk", flat=True))
    # Twice, so that what they share is asked once for both.
    whole = inlined(rule, resolve=RESOLVE)
    book = RuleBook({"it": whole, "its twin": whole})
    by_book = {one.profile_id: book.matching(replace(one, read={})) for one in population}
    assert {pk for pk, found in by_book.items() if found} == by_python
    assert all(len(found) in (0, 2) for found in by_book.values())
    return by_sql == by_python


@given(raw=RULES)
@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_sql_and_python_find_the_same_profiles(population: People, raw: Any) -> None:
    assert same_profiles(population, raw)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@given(data=st.data())
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_they_do_so_for_every_operator_of_every_fact(
    population: People, data: st.DataObject, pair: tuple[str, str]
) -> None:
    assert same_profiles(population, {"all": [data.draw(conditions(pair))]})


@given(pattern=patterns(), texts=st.lists(st.text("frA aö4.\nλ%-_Z ß"), min_size=1, max_size=8))
@example(pattern="a.b", texts=["a\nb"])
@example(pattern="a$", texts=["a\nb"])
@example(pattern="^b", texts=["a\nb"])
@example(pattern=r"^\w$", texts=["ß", "_", "٢"])
@example(pattern=r"^\s$", texts=["\v", "\u2003"])
@settings(max_examples=400, deadline=None, derandomize=True)
@pytest.mark.django_db
def test_both_engines_read_an_expression_alike(pattern: str, texts: list[str]) -> None:
    made, folded = written_out(pattern), [fold(text) for text in texts]
    with connection.cursor() as cursor:
        sql = 'SELECT text COLLATE "C" ~ %s FROM unnest(%s::text[]) WITH ORDINALITY AS t(text, n)'
        cursor.execute(f"{sql} ORDER BY n", [made, folded])
        by_sql = [found for (found,) in cursor.fetchall()]

    assert by_sql == [compiled(made).search(text) is not None for text in folded]


@pytest.mark.parametrize("kind", sorted(AMOUNTS_ONLY))
@pytest.mark.parametrize("days", [None, 3])
def test_both_read_the_same_amount_of_everyone(
    population: People, kind: str, days: int | None
) -> None:
    """Thresholds drawn from a list would seldom be those between which a rounding hides."""
    name = "events" if kind == "session" else "age"
    stated = {"event": "purchase", "name": name, "days": days, "of": "items"}
    condition = {"fact": kind, **{name: stated.get(name) for name in PARAMETERS[kind]}}
    fact = parse_condition({**condition, "operator": OPERATORS_OF[kind][0], "value": 1}).fact
    read = {one.profile_id: one.value(fact) for one in population}

    for amount in {value for value in read.values() if value is not None}:
        sql = COMPARE_SQL["equals"](READ_SQL[kind](fact, NOW), amount, NOW)
        equal = RawSQL(sql.text, sql.params, output_field=BooleanField())  # noqa: S611
        found = Profile.objects.filter(equal)
        assert {one.pk for one in found} == {pk for pk, value in read.items() if value == amount}


@given(raw=RULES)
@settings(max_examples=100, deadline=None)
def test_the_trace_agrees_with_the_answer(raw: Any) -> None:
    compiled = compile_rule(parse_rule(raw), resolve=RESOLVE)
    random = Random(3)
    for _ in range(5):
        choices = Choices(frozenset(["analytics"]), frozenset(["training"]))
        visitor = Known(some_facts(random), {}, NOW, profile_id=7, choices=choices)
        assert compiled.judge(visitor).holds == compiled.matches(visitor)


@given(raw=RULES)
@settings(max_examples=100, deadline=None)
def test_every_rule_has_a_sentence(raw: Any) -> None:
    sentence = compile_rule(parse_rule(raw), resolve=RESOLVE).sentence

    assert sentence.endswith(".")
    assert "{}" not in sentence
    assert " None" not in sentence


def test_every_operator_has_all_three_readings() -> None:
    # A segment is put in its place before either reading.
    compared = VALUE_KINDS.keys() - MEMBERSHIP.keys()
    assert compared == WRITTEN.keys()
    # Only a visit knows its time of day, so SQL cannot read it.
    assert compared - {"between_times"} == COMPARE_SQL.keys()
    assert PHRASES.keys() == VALUE_KINDS.keys()
    assert {written.form for written in WRITTEN.values()} == FORMS.keys()
    assert set(NUMERIC) == AMOUNTS.keys()


def test_every_operator_is_in_the_form_and_fits_some_fact() -> None:
    assert VALUE_KINDS.keys() == {name for name, _ in OPERATOR_CHOICES}
    assert VALUE_KINDS.keys() == {name for fitting in OPERATORS_OF.values() for name in fitting}
    assert set(VALUE_KINDS.values()) == VALUES.keys()
    offered = (*BEHAVIOUR_CHOICES, *PERSON_CHOICES, *GROUP_CHOICES)
    assert PARAMETERS.keys() == {"trait", "context"} | {
        name.partition(":")[0] for name, _ in offered
    }


def test_every_kind_of_fact_has_all_three_readings() -> None:
    assert PARAMETERS.keys() == OPERATORS_OF.keys() == SUBJECTS.keys()
    assert PARAMETERS.keys() - {"segment"} == READ.keys()
    # Only a visit knows its context, so SQL cannot read it.
    assert READ.keys() - {"context"} == READ_SQL.keys()
    assert set(CONTEXT_NAMES) == CONTEXT_LABELS.keys()


def test_every_way_to_combine_has_all_three_readings() -> None:
    assert set(MATCHES) == COMBINE.keys() == HOLDS.keys() == COMBINE_SQL.keys() == JOINERS.keys()
