"""Python, SQL and English say the same of every rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consent.checking import Choices
from consent.mirroring import mirror
from consent.models.proof import DENIED, GRANTED, WITHDRAWN, ConsentRecord, Suppression
from personalization.profiles.facts import Facts, Happening, empty_facts, remember
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments.asking import known_of
from personalization.segments.choices import (
    BEHAVIOUR_CHOICES,
    GROUP_CHOICES,
    OPERATOR_CHOICES,
    PERSON_CHOICES,
)
from personalization.segments.comparing import WRITTEN
from personalization.segments.comparing_sql import COMPARE_SQL
from personalization.segments.compiling import HOLDS, Known, compile_rule
from personalization.segments.folding import fold
from personalization.segments.generating import COMBINE
from personalization.segments.operands import FORMS
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
    DISTINCT_OF,
    MATCHES,
    NUMERIC,
    OPERATORS_OF,
    PARAMETERS,
    SESSION_NAMES,
    TEXTS_ONLY,
    VALUE_KINDS,
)

NOW = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
EVENTS = ["purchase", "item_view", "o'clock%s"]
CATEGORIES = ["lanterns", "mugs"]
TRAITS = ["country", "age", "member", "since"]
PURPOSES = ["analytics", "training", "necessary"]
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


PLACES: list[Any] = [0, 13.405, -52.5, 89.9999, 90, 91, 180, -180, "52", True, None]
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
    if random.random() < 0.7:
        listed: list[Any] = random.choices([*values, ["nested"], {}], k=random.randrange(5))
        facts["traits"]["likes"] = random.choice([listed, listed, random.choice(values), {}])
    if random.random() < 0.7:
        facts["traits"] |= {"latitude": random.choice(PLACES), "longitude": random.choice(PLACES)}
    for _ in range(random.randrange(12)):
        at = NOW - timedelta(hours=random.randrange(24 * 8))
        value = random.choice([None, 0.1, 0.2, 19.99, 50])
        category = random.choice([*CATEGORIES, ""])
        remember(facts, Happening(random.choice(EVENTS), at, category=category, value=value))
    return {**facts, **lately(random), **judged(random)}


def lately(random: Random) -> Facts:
    """Return the part of facts that hangs on minutes: latest acts, the visit, different items."""
    seconds = int(NOW.timestamp())
    acts = [
        [
            seconds - random.choice([0, 1, 59, 60, 600, 1_800, 1_801, 86_400, 200_000]),
            random.choice(EVENTS),
            "",
            random.choice([*CATEGORIES, ""]),
        ]
        for _ in range(random.randrange(7))
    ]
    day = seconds // 86_400
    items = {f"i{n}": str(day - random.randrange(9)) for n in range(random.randrange(5))}
    last = seconds - random.choice([0, 900, 1_800, 1_801, 90_000])
    session = {
        "number": random.randrange(1, 5),
        "started": last - random.choice([0, 59, 60, 3_600]),
        "last": last,
        "events": 4,
        "types": {"purchase": random.randrange(4), "o'clock%s": 1},
    }
    return {
        "recent": sorted(acts),
        "items": {random.choice(EVENTS): items},
        "session": random.choice([{}, session, session]),
    }


def judged(random: Random) -> Facts:
    """Return what models say, and when somebody came first and last."""
    today = int(NOW.timestamp()) // 86_400 * 86_400
    last = random.choice([0, 30, 31, 90, 91])
    first = last + random.choice([0, 30, 31])
    came = {
        name: {"purchase": today - 86_400 * days}
        for name, days in (("first", first), ("last", last))
    }
    return {
        "scores": {} if random.random() < 0.3 else {"age": random.choice([0.5, 3, 4])},
        "persona": random.choice(["", "Fan", " fan ", "Ελλάς"]),
        **(came if random.random() < 0.5 else {}),
    }


class People(list[Known]):
    """Some profiles; the report of a failing example need not spell them out."""

    def __repr__(self) -> str:
        return f"{len(self)} people"


@pytest.fixture
def population(db: None) -> People:
    random = Random(7)
    facts = [{}, empty_facts(), *(some_facts(random) for _ in range(80))]
    Profile.objects.bulk_create([Profile(facts=one) for one in facts])
    people = list(Profile.objects.all())
    choose(people, random)
    return People(known(profile) for profile in people)


def choose(people: list[Profile], random: Random) -> None:
    """Give profiles identifiers that agreed and refused, were silent, or were erased."""
    named = [
        ProfileIdentifier(profile=one, kind="anonymous", pseudonym=f"{one.pk:030}-{number}")
        for one in people
        for number in range(random.randrange(4))
    ]
    records = [
        ConsentRecord(
            pseudonym=one.pseudonym,
            purpose=purpose,
            state=random.choice([GRANTED, GRANTED, DENIED, WITHDRAWN]),
            recorded_at=NOW + random.choice([-1, 1]) * timedelta(hours=1),
        )
        for one in named
        for purpose in random.choices(PURPOSES[:2], k=random.randrange(4))
    ]
    erased = [one.pseudonym for one in named if random.random() < 0.2]
    ProfileIdentifier.objects.bulk_create(named)
    ConsentRecord.objects.bulk_create(records)
    Suppression.objects.bulk_create(Suppression(pseudonym=one, erased_at=NOW) for one in erased)
    mirror([one.pseudonym for one in named])


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
    if kind in TEXTS_ONLY:
        scalars = st.sampled_from(TEXTS_ONLY[kind] or ["fan", "FAN ", "ελλάς"])
    degrees = st.sampled_from([0, 13.4, -52.5, 89.9999, 90])
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
        "circle": st.tuples(degrees, degrees, st.sampled_from([0.001, 100, 5_000])).map(list),
        "segment": st.sampled_from(sorted(SEGMENTS)),
    }[VALUE_KINDS[operator]]


PAIRS = [
    (kind, operator) for kind in PARAMETERS if kind != "context" for operator in OPERATORS_OF[kind]
]


NAMES: dict[str, Any] = {
    "session": SESSION_NAMES,
    "consent": PURPOSES,
    "trait": [*TRAITS, "likes"],
    "score": ["age", "mood"],
}


@st.composite
def conditions(draw: st.DrawFn, pair: tuple[str, str] | None = None) -> dict[str, Any]:
    kind, operator = pair or draw(st.sampled_from(PAIRS))
    parameters = {
        "event": st.sampled_from(EVENTS),
        "category": st.none() | st.sampled_from(CATEGORIES),
        "days": st.none() | st.integers(1, 9),
        "name": st.sampled_from(NAMES.get(kind, TRAITS)),
        "of": st.sampled_from(DISTINCT_OF),
        "then": st.sampled_from(EVENTS),
        "then_category": st.none() | st.sampled_from(CATEGORIES),
        "minutes": st.sampled_from([1, 10, 30, 1_440]),
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
    return known_of(profile, context={}, now=NOW)


def same_profiles(population: list[Known], raw: Any) -> bool:
    rule = parse_rule(raw)
    matches = compile_rule(rule, resolve=RESOLVE).matches
    by_python = {one.profile_id for one in population if matches(replace(one, read={}))}
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
def test_sql_and_python_find_the_same_profiles(population: list[Known], raw: Any) -> None:
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
    population: list[Known], data: st.DataObject, pair: tuple[str, str]
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
    population: list[Known], kind: str, days: int | None
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
