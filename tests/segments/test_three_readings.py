"""Python, SQL and English say the same of every rule."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalization.profiles.facts import Facts, Happening, empty_facts, remember
from personalization.profiles.models import Profile
from personalization.segments.compiling import COMBINE, COMPARE, HOLDS, READ, Known, compile_rule
from personalization.segments.querying import COMBINE_SQL, COMPARE_SQL, READ_SQL, matching_profiles
from personalization.segments.rules import (
    CONTEXT_NAMES,
    MATCHES,
    NUMERIC,
    OPERATORS,
    OPERATORS_OF,
    PARAMETERS,
    PRESENCE,
    parse_rule,
)
from personalization.segments.sentences import AMOUNTS, CONTEXT_LABELS, JOINERS, PHRASES, SUBJECTS

NOW = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
EVENTS = ["purchase", "item_view", "o'clock%s"]
CATEGORIES = ["lanterns", "mugs"]
TRAITS = ["country", "age", "member"]
TEXTS = ["France", "FRANCE", " fr ance", "ÖSTERREICH", "österreich", "Ελλάς", "50% “off”", "42"]
NUMBERS = [0, 1, 2, 42, -3, 0.1, 0.3, 1.5, 42.0, 1e11]


def some_facts(random: Random) -> Facts:
    facts = empty_facts()
    values = [*TEXTS, *NUMBERS, True, False, "", " ", None]
    for name in TRAITS:
        if random.random() < 0.8:
            facts["traits"][name] = random.choice(values)
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


def values(operator: str, *, only_numbers: bool) -> st.SearchStrategy[Any]:
    numbers: st.SearchStrategy[Any] = st.sampled_from([*NUMBERS, 3, 4, 60])
    scalars = numbers if only_numbers else numbers | st.sampled_from(TEXTS) | st.booleans()
    if operator in PRESENCE:
        return st.none()
    if operator in ("in", "not_in"):
        return st.lists(scalars, min_size=1, max_size=4)
    if operator in ("contains", "begins"):
        return st.sampled_from([*TEXTS, "r", "Λ", "%", "ö"])
    return numbers if operator not in ("equals", "not_equals") else scalars


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from([kind for kind in PARAMETERS if kind != "context"]))
    operator = draw(st.sampled_from(OPERATORS_OF[kind]))
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
        "value": draw(values(operator, only_numbers=kind != "trait")),
    }


def groups(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.lists(members, min_size=1, max_size=3)
    return st.builds(lambda match, of: {match: of}, st.sampled_from(MATCHES), listed)


RULES = groups(conditions() | groups(conditions()))


@given(raw=RULES)
@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_sql_and_python_find_the_same_profiles(population: list[Profile], raw: Any) -> None:
    rule = parse_rule(raw)
    matches = compile_rule(rule).matches

    by_python = {one.pk for one in population if matches(Known(one.facts, {}, NOW))}
    by_sql = set(matching_profiles(rule, now=NOW).values_list("pk", flat=True))

    assert by_sql == by_python


@given(raw=RULES)
@settings(max_examples=100, deadline=None)
def test_the_trace_agrees_with_the_answer(raw: Any) -> None:
    compiled = compile_rule(parse_rule(raw))
    random = Random(3)
    for _ in range(5):
        known = Known(some_facts(random), {}, NOW)
        assert compiled.judge(known).holds == compiled.matches(known)


@given(raw=RULES)
@settings(max_examples=100, deadline=None)
def test_every_rule_has_a_sentence(raw: Any) -> None:
    sentence = compile_rule(parse_rule(raw)).sentence

    assert sentence.endswith(".")
    assert "{" not in sentence
    assert " None" not in sentence


def test_every_operator_has_all_three_readings() -> None:
    assert set(OPERATORS) == COMPARE.keys() == COMPARE_SQL.keys() == PHRASES.keys()
    assert set(NUMERIC) == AMOUNTS.keys()


def test_every_kind_of_fact_has_all_three_readings() -> None:
    assert PARAMETERS.keys() == OPERATORS_OF.keys() == READ.keys() == SUBJECTS.keys()
    # Only a visit knows its context, so SQL cannot read it.
    assert PARAMETERS.keys() - {"context"} == READ_SQL.keys()
    assert set(CONTEXT_NAMES) == CONTEXT_LABELS.keys()


def test_every_way_to_combine_has_all_three_readings() -> None:
    assert set(MATCHES) == COMBINE.keys() == HOLDS.keys() == COMBINE_SQL.keys() == JOINERS.keys()
