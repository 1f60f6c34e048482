"""Rules that say the same are seen to be the same, and others are not."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.rules.normalising import normalised
from personalization.rules.parsing import parse_rule

from .drawn_rules import RULES
from .test_contradicting import bought, country

FRANCE, REGULAR = country("equals", "France"), bought("greater", 3)

SAME = [
    ({"all": [FRANCE, REGULAR]}, {"all": [REGULAR, FRANCE]}),
    ({"all": [FRANCE]}, {"any": [FRANCE]}),
    ({"all": [FRANCE, REGULAR]}, {"all": [FRANCE, {"all": [REGULAR, FRANCE]}]}),
    ({"all": [FRANCE]}, {"all": [country("in", [" FRANCE "])]}),
    ({"all": [REGULAR]}, {"all": [bought("at_least", 4)]}),
    ({"all": [country("in", ["a", "b"])]}, {"all": [country("in", ["B", "a", "A"])]}),
    ({"all": [country("equals", 1)]}, {"all": [country("equals", 1.0)]}),
]
DIFFERENT = [
    ({"all": [FRANCE, REGULAR]}, {"any": [FRANCE, REGULAR]}),
    ({"all": [FRANCE]}, {"none": [FRANCE]}),
    ({"all": [{"none": [FRANCE]}]}, {"none": [{"none": [FRANCE]}]}),
    ({"all": [REGULAR]}, {"all": [bought("greater", 3, 31)]}),
    ({"all": [country("equals", "1")]}, {"all": [country("equals", 1)]}),
    ({"all": [country("equals", True)]}, {"all": [country("equals", 1)]}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_other_words_for_the_same_are_the_same(one: Any, other: Any) -> None:
    assert normalised(parse_rule(one)) == normalised(parse_rule(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_stays_different(one: Any, other: Any) -> None:
    assert normalised(parse_rule(one)) != normalised(parse_rule(other))


@given(raw=RULES, random=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_members_does_not_matter(raw: Any, random: Any) -> None:
    [(match, members)] = raw.items()
    shuffled = random.sample(members, len(members))

    assert normalised(parse_rule({match: shuffled})) == normalised(parse_rule(raw))
