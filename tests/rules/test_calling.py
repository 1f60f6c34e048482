"""Segments are said by their names, and those that share a name are told apart."""

from collections.abc import Mapping
from typing import Any

import pytest

from personalization.rules.calling import Names, called, names_among
from personalization.rules.compiling import Known, compile_rule
from personalization.rules.contradicting import find_contradictions
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.references import among, inlined, named_in
from personalization.rules.sentences import rule_sentence
from personalization.rules.tracing import trace
from tests.factories import NOON
from tests.rules.test_contradicting import country

FRENCH = {"name": "From France", "rule": {"all": [country("equals", "France")]}}


def member(key: str, operator: str = "in_segment") -> dict[str, Any]:
    return {"fact": "segment", "operator": operator, "value": key}


def said(raw: Any, names: Mapping[str, str]) -> str:
    return rule_sentence(called(parse_rule(raw), names))


def test_segments_are_said_by_their_names() -> None:
    raw = {"any": [member("x-1"), {"none": [member("x-2"), member("x-1", "not_in_segment")]}]}

    assert said(raw, {"x-1": "High value", "x-2": "Lapsing"}) == (
        "In the segment “High value” or (none of: in the segment “Lapsing”; not in the segment "
        "“High value”)."
    )


def test_a_segment_that_nobody_knows_is_said_by_its_key() -> None:
    assert said({"all": [member("gone")]}, {"x-1": "High value"}) == "In the segment “gone”."


@pytest.mark.parametrize(
    "names",
    [
        {"vips": "VIPs", "vips-2": "vips "},
        {"vips": "VIPs", "vips-2": "VIPs"},
        # One is called what the key of the other is.
        {"vips": "Best customers", "vips-2": "vips"},
    ],
)
def test_two_segments_are_never_said_alike(names: dict[str, str]) -> None:
    told = Names(lambda: names)

    one, other = (said({"all": [member(key)]}, told) for key in names)
    by_key = said({"all": [member("vips")]}, {})

    assert one != other
    assert other not in (by_key, one)
    assert other.endswith("(vips-2)”.")


def test_a_segment_that_is_called_like_its_own_key_needs_nothing_more() -> None:
    assert dict(Names(lambda: {"vips": "VIPs"})) == {"vips": "VIPs"}


def test_names_are_read_once_and_not_at_all_for_a_rule_without_segments() -> None:
    asked = []

    def read() -> dict[str, str]:
        asked.append(1)
        return {"a": "A", "b": "B"}

    names = Names(read)
    said(FRENCH["rule"], names)
    assert not asked

    assert said({"all": [member("a"), member("b")]}, names) == (
        "In the segment “A” and in the segment “B”."
    )
    assert (len(asked), len(names)) == (1, 2)


def test_a_compiled_rule_says_names_and_keeps_keys() -> None:
    rule = parse_rule({"all": [member("french")]})
    segments = {"french": FRENCH}

    compiled = compile_rule(rule, resolve=among(segments), names=names_among(segments))
    found = trace(compiled, Known({"traits": {"country": "Malta"}}, {}, NOON))

    assert compiled.sentence == "In the segment “From France”."
    assert found.members[0].sentence == "in the segment “From France”"
    assert list(named_in(compiled.rule)) == ["french"]


def test_what_is_odd_is_said_by_names() -> None:
    raw = {"all": [member("french"), member("french", "not_in_segment")]}

    [finding] = find_contradictions(called(parse_rule(raw), {"french": "From France"}))

    assert finding.message == "Nobody can fulfil this and also: in the segment “From France”."


def test_a_circle_is_told_by_names() -> None:
    segments = {
        "a": {"name": "Ants", "rule": {"all": [member("b")]}},
        "b": {"name": "Bees", "rule": {"all": [member("a")]}},
    }
    rule = parse_rule(segments["a"]["rule"])

    with pytest.raises(RuleError, match="in a circle: Ants → Bees → Ants"):
        inlined(rule, resolve=among(segments), key="a", names=names_among(segments))
