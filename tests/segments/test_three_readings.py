"""Python, SQL and English say the same of every rule."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from personalization.profiles.facts import Facts, empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile
from personalization.segments.choices import BEHAVIOUR_CHOICES, GROUP_CHOICES, OPERATOR_CHOICES
from personalization.segments.comparing import COMPARE, COMPARE_NOW
from personalization.segments.comparing_sql import COMPARE_SQL
from personalization.segments.compiling import COMBINE, HOLDS, Known, compile_rule
from personalization.segments.folding import fold
from personalization.segments.patterns import PatternError, compiled, written_out
from personalization.segments.querying import COMBINE_SQL, matching_profiles
from personalization.segments.reading import READ
from personalization.segments.reading_sql import READ_SQL
from personalization.segments.references import MEMBERSHIP, among
from personalization.segments.rules import parse_condition, parse_rule
from personalization.segments.sentences import AMOUNTS, CONTEXT_LABELS, JOINERS, PHRASES, SUBJECTS
from personalization.segments.values import VALUES
from personalization.segments.vocabulary import (
    AMOUNTS_ONLY,
    CONTEXT_NAMES,
    MATCHES,
    NUMERIC,
    OPERATORS,
    OPERATORS_OF,
    PARAMETERS,
    VALUE_KINDS,
)

NOW = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
EVENTS = ["purchase", "item_view", "o'clock%s"]
CATEGORIES = ["lanterns", "mugs"]
TRAITS = ["country", "age", "member", "since"]
TEXTS = ["France", "FRANCE", " fr ance", "ÖSTERREICH", "österreich", "Ελλάς", "50% “off”", "42"]
DATES = ["2026-03-10", "2026-03-09", "2026-03-01", "2026-02-30"]
DATELIKE = [
    *DATES,
    " 2026-03-08T23:59:59Z ",
    "2026-03-07 12:00",
    "2026-03-07x",
    "2026-3-7",
    "٢026-03-07",
]
NUMBERS = [0, 1, 2, 42, -3, 0.1, 0.3, 1.5, 42.0, 1e11]


SEGMENTS = {
    "french": {"all": [{"fact": "trait", "name": "country", "operator": "begins", "value": "fr"}]},
    "buyers": {
        "any": [{"fact": "sum", "event": "purchase", "operator": "at_least", "value": 19.9}]
    },
    "others": {
        "none": [
            {"fact": "segment", "operator": "in_segment", "value": "french"},
            {"fact": "segment", "operator": "not_in_segment", "value": "buyers"},
        ]
    },
}
RESOLVE = among({key: {"rule": rule} for key, rule in SEGMENTS.items()})


def some_facts(random: Random) -> Facts:
    facts = empty_facts()
    values = [*TEXTS, *NUMBERS, True, False, "", " ", None]
    for name in TRAITS:
        if random.random() < 0.8:
            facts["traits"][name] = random.choice(DATELIKE if name == "since" else values)
    for _ in range(random.randrange(12)):
        at = NOW - timedelta(hours=random.randrange(24 * 8))
        value = random.choice([None, 0.1, 0.2, 19.99, 50])
        category = random.choice([*CATEGORIES, ""])
        remember(facts, Happening(random.choice(EVENTS), at, category=category, value=value))
    return facts


@pytest.fixture
def population(db: None) -> list[Profile]:
    random = Random(7)
    facts = [{}, empty_facts(), *(some_facts(random) for _ in range(80))]
    Profile.objects.bulk_create([Profile(facts=one) for one in facts])
    return list(Profile.objects.all())


ATOMS = ["f", "R", "a", "ö", "λ", ".", " ", "\\d", "\\w", "\\s", "\\.", "%", "-", "4", "“"]
CLASSES = ["[a-f]", "[^A-R]", "[0-4-]", "[\\wλ]", "[^\\s\\d]", "[ö.$|]"]
QUANTIFIERS = ["", "", "", "*", "+", "?", "{2}", "{0,1}", "{1,}"]


def pieces(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.tuples(atoms, st.sampled_from(QUANTIFIERS)).map("".join)
    branch = st.tuples(
        st.sampled_from(["", "", "^"]),
        st.lists(one, min_size=1, max_size=3).map("".join),
        st.sampled_from(["", "", "$"]),
    ).map("".join)
    return st.lists(branch, min_size=1, max_size=2).map("|".join)


def can_be_read(pattern: str) -> bool:
    try:
        return bool(written_out(pattern))
    except PatternError:
        return False


def patterns() -> st.SearchStrategy[str]:
    atoms = st.sampled_from([*ATOMS, *CLASSES])
    grouped = pieces(atoms).map("({})".format)
    return pieces(atoms | grouped).map(str.strip).filter(bool).filter(can_be_read)


def values(operator: str, *, kind: str) -> st.SearchStrategy[Any]:
    numbers: st.SearchStrategy[Any] = st.sampled_from([*NUMBERS, 3, 4, 60])
    scalars = numbers | st.sampled_from([*TEXTS, *DATELIKE]) | st.booleans()
    if kind in AMOUNTS_ONLY:
        scalars = numbers
    return {
        "none": st.none(),
        "scalar": scalars,
        "number": numbers,
        "range": st.lists(numbers, min_size=2, max_size=2).map(sorted),
        "list": st.lists(scalars, min_size=1, max_size=4),
        "text": st.sampled_from([*TEXTS, "r", "Λ", "%", "ö"]),
        "pattern": patterns(),
        "date": st.sampled_from(DATES[:3]),
        "days": st.integers(1, 9),
        "segment": st.sampled_from(sorted(SEGMENTS)),
    }[VALUE_KINDS[operator]]


PAIRS = [
    (kind, operator) for kind in PARAMETERS if kind != "context" for operator in OPERATORS_OF[kind]
]


@st.composite
def conditions(draw: st.DrawFn, pair: tuple[str, str] | None = None) -> dict[str, Any]:
    kind, operator = pair or draw(st.sampled_from(PAIRS))
    parameters = {
        "event": st.sampled_from(EVENTS),
        "category": st.none() | st.sampled_from(CATEGORIES),
        "days": st.none() | st.integers(1, 9),
        "name": st.sampled_from(TRAITS),
    }
    return {
        "fact": kind,
        **{name: draw(parameters[name]) for name in PARAMETERS[kind]},
        "operator": operator,
        "value": draw(values(operator, kind=kind)),
    }


def groups(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.lists(members, min_size=1, max_size=3)
    return st.builds(lambda match, of: {match: of}, st.sampled_from(MATCHES), listed)


RULES = groups(conditions() | groups(conditions()))


def known(profile: Profile) -> Known:
    return Known(profile.facts, {}, NOW, profile_id=profile.pk)


def same_profiles(population: list[Profile], raw: Any) -> bool:
    rule = parse_rule(raw)
    matches = compile_rule(rule, resolve=RESOLVE).matches
    by_python = {one.pk for one in population if matches(known(one))}
    found = matching_profiles(rule, now=NOW, resolve=RESOLVE)
    by_sql = set(found.values_list("pk", flat=True))
    return by_sql == by_python


@given(raw=RULES)
@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_sql_and_python_find_the_same_profiles(population: list[Profile], raw: Any) -> None:
    assert same_profiles(population, raw)


@pytest.mark.parametrize("pair", PAIRS)
@given(data=st.data())
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_they_do_so_for_every_operator_of_every_fact(
    population: list[Profile], data: st.DataObject, pair: tuple[str, str]
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
    population: list[Profile], kind: str, days: int | None
) -> None:
    """Thresholds drawn from a list would seldom be those between which a rounding hides."""
    stated = {"event": "purchase", "name": "draw", "days": days}
    condition = {"fact": kind, **{name: stated.get(name) for name in PARAMETERS[kind]}}
    fact = parse_condition({**condition, "operator": OPERATORS_OF[kind][0], "value": 1}).fact
    read = {one.pk: known(one).value(fact) for one in population}

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
        visitor = Known(some_facts(random), {}, NOW, profile_id=7)
        assert compiled.judge(visitor).holds == compiled.matches(visitor)


@given(raw=RULES)
@settings(max_examples=100, deadline=None)
def test_every_rule_has_a_sentence(raw: Any) -> None:
    sentence = compile_rule(parse_rule(raw), resolve=RESOLVE).sentence

    assert sentence.endswith(".")
    assert "{}" not in sentence
    assert " None" not in sentence


def test_every_operator_has_all_three_readings() -> None:
    assert not COMPARE.keys() & COMPARE_NOW.keys()
    # A segment is put in its place before either reading.
    compared = set(OPERATORS) - MEMBERSHIP.keys()
    assert compared == COMPARE.keys() | COMPARE_NOW.keys() == COMPARE_SQL.keys()
    assert set(OPERATORS) == PHRASES.keys()
    assert set(NUMERIC) == AMOUNTS.keys()


def test_every_operator_is_in_the_form_and_fits_some_fact() -> None:
    assert set(OPERATORS) == {name for name, _ in OPERATOR_CHOICES}
    assert set(OPERATORS) == {name for fitting in OPERATORS_OF.values() for name in fitting}
    assert set(VALUE_KINDS.values()) == VALUES.keys()
    assert PARAMETERS.keys() == {"trait", "context"} | {
        name for name, _ in (*BEHAVIOUR_CHOICES, *GROUP_CHOICES)
    }


def test_every_kind_of_fact_has_all_three_readings() -> None:
    assert PARAMETERS.keys() == OPERATORS_OF.keys() == SUBJECTS.keys()
    assert PARAMETERS.keys() - {"segment"} == READ.keys()
    # Only a visit knows its context, so SQL cannot read it.
    assert READ.keys() - {"context"} == READ_SQL.keys()
    assert set(CONTEXT_NAMES) == CONTEXT_LABELS.keys()


def test_every_way_to_combine_has_all_three_readings() -> None:
    assert set(MATCHES) == COMBINE.keys() == HOLDS.keys() == COMBINE_SQL.keys() == JOINERS.keys()
