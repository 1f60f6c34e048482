"""What rules have in common is asked once for all of them."""

from typing import Any

import pytest

from personalization.rules.parsing import parse_rule
from personalization.rules.sharing import shared_among
from personalization.rules.tree import Condition

from .test_contradicting import bought, country


def asking(match: str, *members: Any) -> Any:
    return parse_rule({match: [*members]})


@pytest.mark.parametrize("match", ["all", "any", "none"])
def test_what_rules_share_is_taken_out_of_each(match: str) -> None:
    french = country("equals", "France")
    rules = {f"r{n}": asking(match, bought("at_least", n), french) for n in range(3)}

    [shared] = shared_among({**rules, "alone": asking(match, bought("less", 9))})

    assert shared.match == match
    assert isinstance(shared.member, Condition)
    assert shared.member.value == "France"
    assert shared.rules == {f"r{n}": asking(match, bought("at_least", n)) for n in range(3)}


def test_rules_that_combine_otherwise_share_nothing() -> None:
    french = country("equals", "France")

    assert shared_among({"a": asking("all", french), "b": asking("any", french)}) == []


@pytest.mark.parametrize(("match", "first"), [("all", "equals"), ("any", "is_set")])
def test_what_decides_most_rules_is_asked_first(match: str, first: str) -> None:
    rules = {
        f"r{n}": asking(
            match, country("is_set", None), country("equals", "France"), bought("at_least", n)
        )
        for n in range(3)
    }

    [shared] = shared_among(rules)

    assert isinstance(shared.member, Condition)
    assert shared.member.operator == first


def test_a_group_is_shared_as_a_condition_is() -> None:
    inner = {"any": [country("equals", "France"), country("equals", "Spain")]}
    rules = {f"r{n}": asking("all", bought("at_least", n), inner) for n in range(2)}

    [shared] = shared_among(rules)

    assert shared.member == asking("any", *inner["any"])
