"""Rules are read, or refused with the place and a reason."""

from typing import Any

import pytest

from personalization.rules.parsing import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    Condition,
    Fact,
    Group,
    RuleError,
    parse_rule,
)

PURCHASES: dict[str, Any] = {
    "fact": "count",
    "event": "purchase",
    "days": 30,
    "operator": "greater",
    "value": 3,
}
FRENCH = {"fact": "trait", "name": "country", "operator": "equals", "value": "France"}


def nested(depth: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"all": [FRENCH]}
    for _ in range(depth - 1):
        rule = {"any": [rule]}
    return rule


def test_a_rule_becomes_values() -> None:
    rule = parse_rule({"all": [PURCHASES, {"none": [FRENCH]}]})

    french = Condition(Fact("trait", "country"), "equals", "France")
    purchases = Condition(Fact("count", "purchase", None, 30), "greater", 3)
    assert rule == Group("all", (purchases, Group("none", (french,))))


def condition(kind: str, operator: str = "equals", **rest: Any) -> dict[str, Any]:
    return {"all": [{"fact": kind, "operator": operator, **rest}]}


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (None, ""),
        ([], ""),
        ({}, ""),
        ({"all": [FRENCH], "any": [FRENCH]}, ""),
        ({"most": [FRENCH]}, "most"),
        ({"all": []}, "all"),
        ({"all": "x"}, "all"),
        ({"all": [FRENCH, {**PURCHASES, "value": "3"}]}, "all[1].value"),
        ({"all": [{**PURCHASES, "value": True}]}, "all[0].value"),
        ({"all": [{**PURCHASES, "value": float("nan")}]}, "all[0].value"),
        ({"all": [{**PURCHASES, "value": None}]}, "all[0].value"),
        ({"all": [{**PURCHASES, "days": 0}]}, "all[0].days"),
        ({"all": [{**PURCHASES, "days": True}]}, "all[0].days"),
        ({"all": [{**PURCHASES, "event": " "}]}, "all[0].event"),
        ({"all": [{**PURCHASES, "operator": "begins"}]}, "all[0].operator"),
        ({"all": [{**PURCHASES, "operator": ["in"]}]}, "all[0].operator"),
        ({"all": [{**PURCHASES, "color": "red"}]}, "all[0].color"),
        ({"all": [{**FRENCH, "fact": "mood"}]}, "all[0].fact"),
        ({"all": [{**FRENCH, "fact": {}}]}, "all[0].fact"),
        ({"all": [{**FRENCH, "operator": "in"}]}, "all[0].value"),
        ({"all": [{**FRENCH, "operator": "in", "value": ["a", " "]}]}, "all[0].value[1]"),
        ({"all": [{**FRENCH, "operator": "is_set"}]}, "all[0].value"),
        ({"all": [{**FRENCH, "value": "a\x00b"}]}, "all[0].value"),
        (
            {"all": [{"any": [{**FRENCH, "fact": "context", "name": "mood"}]}]},
            "all[0].any[0].name",
        ),
        (condition("distinct", of="shops", event="purchase"), "all[0].of"),
        (condition("session", name="mood"), "all[0].name"),
        (condition("sequence", "done", event="a", then="b", minutes=0), "all[0].minutes"),
        (condition("sequence", "done", event="a", minutes=5), "all[0].then"),
        (condition("lifecycle", value="asleep"), "all[0].value"),
        (condition("persona", value=3), "all[0].value"),
        (condition("consent", "granted", name="training", value=True), "all[0].value"),
        (condition("location", "within_km", value=[91, 0, 5]), "all[0].value[0]"),
        (condition("location", "within_km", value=[1, -181, 5]), "all[0].value[1]"),
        (condition("location", "within_km", value=[1, 1, 0]), "all[0].value[2]"),
        (condition("location", "within_km", value=[1, 1]), "all[0].value"),
        (
            condition("context", "between_times", name="time", value=["9:00", "10:00"]),
            "all[0].value",
        ),
        (
            condition("context", "between_times", name="time", value=["09:00", "09:00"]),
            "all[0].value",
        ),
        (
            condition("context", "between_times", name="page", value=["09:00", "10:00"]),
            "all[0].value",
        ),
        (
            {"all": [{"fact": "context", "name": "device", "operator": "equals", "value": "fax"}]},
            "all[0].value",
        ),
        ({"all": [{**FRENCH, "operator": "between", "value": [2]}]}, "all[0].value"),
        ({"all": [{**FRENCH, "operator": "between", "value": [2, 1]}]}, "all[0].value"),
        ({"all": [{**FRENCH, "operator": "between", "value": [1, "x"]}]}, "all[0].value[1]"),
        ({"all": [{**FRENCH, "operator": "before", "value": "2026-02-30"}]}, "all[0].value"),
        ({"all": [{**FRENCH, "operator": "before", "value": "20260201"}]}, "all[0].value"),
        ({"all": [{**FRENCH, "operator": "in_last", "value": 0}]}, "all[0].value"),
        ({"all": [{**PURCHASES, "operator": "in_last", "value": 1}]}, "all[0].operator"),
        (
            {"all": [{"fact": "context", "name": "hour", "operator": "equals", "value": 24}]},
            "all[0].value",
        ),
    ],
)
def test_a_broken_rule_is_refused_with_its_place(raw: Any, place: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_rule(raw)

    assert refused.value.field_path == place
    assert refused.value.message.endswith(".")


def test_groups_go_so_deep_and_no_deeper() -> None:
    parse_rule(nested(MAX_DEPTH))

    with pytest.raises(RuleError, match="deep"):
        parse_rule(nested(MAX_DEPTH + 1))


def test_a_very_deep_rule_is_refused_without_reading_it_all() -> None:
    with pytest.raises(RuleError, match="deep"):
        parse_rule(nested(500))


def test_conditions_are_counted_over_all_groups() -> None:
    half = [FRENCH] * (MAX_CONDITIONS // 2)
    parse_rule({"all": [{"any": half}, {"any": half}]})

    with pytest.raises(RuleError, match=str(MAX_CONDITIONS)):
        parse_rule({"all": [{"any": half}, {"any": half}, FRENCH]})
