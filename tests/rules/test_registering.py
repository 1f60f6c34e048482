"""A storefront's own words are read as those of the language are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalization.rules.compiling import Known, compile_rule
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.registering import (
    forget_fact,
    forget_operator,
    register_fact,
    register_operator,
)
from personalization.rules.schema import rule_schema
from personalization.rules.vocabulary import OPERATORS_OF
from personalization.segments.calling import SavedNames
from personalization.segments.condition_form import ConditionForm

from . import own_words
from .own_words import IsOneWord, LoyaltyPoints
from .population import NOW, People, population
from .test_three_readings import same_profiles

__all__ = ("population",)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "segments.md"


@pytest.fixture
def own() -> Iterator[None]:
    register_operator(IsOneWord())
    register_fact(LoyaltyPoints())
    yield
    forget_fact("loyalty_points")
    forget_operator("is_one_word")


def points(operator: str, value: Any) -> dict[str, Any]:
    return {"all": [{"fact": "loyalty_points", "operator": operator, "value": value}]}


@given(operator=st.sampled_from(LoyaltyPoints.operators[:4]), value=st.integers(0, 120))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_python_read_an_own_fact_alike(
    own: None, population: People, operator: str, value: int
) -> None:
    assert same_profiles(population, points(operator, value))


@pytest.mark.parametrize("fact", [{"fact": "trait", "name": "country"}, {"fact": "persona"}])
def test_sql_and_python_read_an_own_operator_alike(
    own: None, population: People, fact: dict[str, Any]
) -> None:
    assert same_profiles(population, {"all": [{**fact, "operator": "is_one_word"}]})


def test_an_own_word_has_a_sentence_a_schema_and_a_place_in_the_form(own: None) -> None:
    one_word = {"fact": "persona", "operator": "is_one_word"}
    compiled = compile_rule(parse_rule({"any": [*points("at_least", 10)["all"], one_word]}))
    choices = dict(ConditionForm(names=SavedNames()).fields["fact"].widget.choices)

    assert compiled.sentence == "Loyalty points is at least 10 or persona is one word."
    assert "loyalty_points" in rule_schema()["$defs"]
    assert ("loyalty_points", "Loyalty points") in choices["Person"]


def test_an_own_word_that_is_taken_is_refused(own: None) -> None:
    with pytest.raises(ValueError, match="loyalty_points"):
        register_fact(LoyaltyPoints())


def test_what_nobody_registered_is_unknown() -> None:
    assert "is_one_word" not in OPERATORS_OF["trait"]
    with pytest.raises(RuleError):
        parse_rule(points("at_least", 10))


def test_an_own_fact_of_a_stranger_is_read_without_raising(own: None) -> None:
    from_nothing = Known({}, {}, NOW)

    assert not compile_rule(parse_rule(points("at_least", 1))).matches(from_nothing)


def test_the_documentation_shows_this_very_code() -> None:
    source = Path(own_words.__file__).read_text()
    shown = source[source.index("class LoyaltyPoints") :]

    assert shown.strip() in DOCS.read_text()
