"""Rules are written as Python, in which no value ever stands."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.rules.compiling import Known, compile_rule
from personalization.rules.generating import RuleBook
from personalization.rules.parsing import parse_rule
from personalization.rules.references import inlined
from personalization.rules.vocabulary import MATCHES

from .drawn_rules import PAIRS, RESOLVE, RULES, conditions
from .population import NOW, some_facts

HOSTILE = ["'); __import__('os').abort(); ('", '"""', "{0}", "\\", "o0", "%s", "${value}"]


def trait(name: str, value: Any, operator: str = "equals") -> dict[str, Any]:
    return {"fact": "trait", "name": name, "operator": operator, "value": value}


def answers_alike(rules: dict[str, Any]) -> None:
    whole = {key: inlined(parse_rule(raw), resolve=RESOLVE) for key, raw in rules.items()}
    book, random = RuleBook(whole), Random(5)
    for _ in range(4):
        facts = some_facts(random)
        alone = [
            key
            for key, rule in whole.items()
            if compile_rule(rule).matches(Known(facts, {}, NOW, profile_id=3))
        ]
        assert sorted(book.matching(Known(facts, {}, NOW, profile_id=3))) == alone


@given(raw=st.lists(RULES, min_size=1, max_size=6))
@settings(max_examples=60)
def test_rules_asked_together_answer_as_each_does_alone(raw: list[Any]) -> None:
    answers_alike({f"r{n}": one for n, one in enumerate(raw)})


@given(data=st.data())
@settings(max_examples=150)
def test_they_do_so_where_they_share_what_they_ask(data: st.DataObject) -> None:
    asked = data.draw(st.lists(st.sampled_from(PAIRS).flatmap(conditions), min_size=1, max_size=4))
    members = st.lists(st.sampled_from(asked), min_size=1, max_size=3)
    group = st.builds(lambda match, few: {match: few}, st.sampled_from(MATCHES), members)
    rules = data.draw(st.lists(group, min_size=2, max_size=9))

    answers_alike({f"r{n}": one for n, one in enumerate(rules)})


def test_yes_is_not_shared_with_one() -> None:
    rules = {
        key: parse_rule({"all": [trait("vip", value)]})
        for value, key in ((True, "yes"), (1, "one"))
    }

    for value, key in ((True, "yes"), (1, "one")):
        assert RuleBook(rules).matching(Known({"traits": {"vip": value}}, {}, NOW)) == [key]


def test_an_expression_is_tried_where_a_rule_comes_to_it() -> None:
    rule = parse_rule({"all": [trait("email", "^a", "matches"), trait("plan", "gold")]})
    known = Known({"traits": {"email": "anna", "plan": "free"}}, {}, NOW)

    assert RuleBook({"r": rule}).matching(known) == []
    assert not any(isinstance(value, bool) for value in known.read.values())


@pytest.mark.parametrize(("number", "holds"), [(10**400, True), (-(10**400), False)])
def test_a_number_beyond_all_floats_is_compared(number: int, holds: bool) -> None:
    rule = parse_rule({"all": [trait("size", 5, "greater")]})
    known = Known({"traits": {"size": number}}, {}, NOW)

    assert compile_rule(rule).matches(known) is holds
    assert bool(RuleBook({"r": rule}).matching(known)) is holds


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_rule_states_is_compared_and_never_run(text: str) -> None:
    rule = parse_rule({"all": [trait(text, text), trait(text, [text], "in")]})
    matches = compile_rule(rule).matches

    assert matches(Known({"traits": {text: text}}, {}, NOW))
    assert not matches(Known({"traits": {text: "else"}}, {}, NOW))
    assert RuleBook({text: rule}).matching(Known({"traits": {text: text}}, {}, NOW)) == [text]


def test_generated_code_has_no_builtins_at_hand() -> None:
    matches = compile_rule(parse_rule({"all": [trait("a", "b")]})).matches

    assert matches.__globals__["__builtins__"] == {}


def test_rules_of_one_shape_share_their_code() -> None:
    one = compile_rule(parse_rule({"all": [trait("age", 3, "greater")]})).matches
    other = compile_rule(parse_rule({"all": [trait("size", 40, "greater")]})).matches

    assert one.__code__ is other.__code__


def test_a_fact_is_read_once_however_many_rules_ask() -> None:
    reads: list[str] = []
    one = {"fact": "score", "name": "x", "operator": "greater"}
    facts = {"scores": Counted(reads)}
    rules = {f"r{n}": parse_rule({"all": [{**one, "value": n}]}) for n in range(500)}

    found = RuleBook(rules).matching(Known(facts, {}, NOW))

    assert len(found) == 7
    assert reads == ["x"]


class Counted(dict[str, float]):
    """Scores that tell how often they were looked at."""

    def __init__(self, reads: list[str]) -> None:
        super().__init__()
        self.reads = reads

    def get(self, name: str, default: Any = None) -> Any:
        self.reads.append(name)
        return 7
