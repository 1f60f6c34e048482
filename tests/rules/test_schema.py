"""The published schema is the language itself."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.schema import PARAMETER_SCHEMAS, VALUE_SCHEMAS, rule_schema
from personalization.rules.vocabulary import PARAMETERS, VALUE_KINDS

from .drawn_rules import RULES

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "rule-schema.json"
VALIDATOR = Draft202012Validator(rule_schema())
BOUGHT = {"fact": "count", "event": "purchase", "operator": "equals", "value": 1}
FRENCH = {"fact": "trait", "name": "country", "operator": "equals", "value": "France"}


def test_the_published_file_is_up_to_date() -> None:
    printed = StringIO()

    call_command("rule_schema", stdout=printed)

    assert PUBLISHED.read_text() == printed.getvalue()
    Draft202012Validator.check_schema(json.loads(PUBLISHED.read_text()))


@given(raw=RULES)
@settings(max_examples=300, deadline=None)
def test_every_rule_is_valid(raw: Any) -> None:
    VALIDATOR.validate(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        [],
        {"all": []},
        {"most": [FRENCH]},
        {"all": [FRENCH], "any": [FRENCH]},
        {"all": [{**FRENCH, "fact": "mood"}]},
        {"all": [{**FRENCH, "color": "red"}]},
        {"all": [{**FRENCH, "value": None}]},
        {"all": [{**FRENCH, "value": " "}]},
        {"all": [{**FRENCH, "operator": "in"}]},
        {"all": [{**FRENCH, "operator": "is_set"}]},
        {"all": [{**FRENCH, "operator": "before"}]},
        {"all": [{**FRENCH, "operator": "between", "value": [1]}]},
        {"all": [{**BOUGHT, "value": "1"}]},
        {"all": [{**BOUGHT, "operator": "contains"}]},
        {"all": [{**BOUGHT, "days": 0}]},
        {"all": [{"fact": "count", "operator": "equals", "value": 1}]},
        {"all": [{"fact": "context", "name": "mood", "operator": "is_set"}]},
    ],
)
def test_what_the_schema_refuses_the_language_refuses(raw: Any) -> None:
    assert not VALIDATOR.is_valid(raw)
    with pytest.raises(RuleError):
        parse_rule(raw)


def test_every_kind_of_value_and_parameter_has_a_schema() -> None:
    assert set(VALUE_KINDS.values()) == VALUE_SCHEMAS.keys()
    assert {name for names in PARAMETERS.values() for name in names} == PARAMETER_SCHEMAS.keys()
