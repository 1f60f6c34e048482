"""Why somebody is in a segment or not."""

from typing import Any

import pytest

from personalization.profiles.facts import Facts, empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.rules.compiling import Known, compile_rule
from personalization.rules.parsing import MATCHES, parse_rule
from personalization.rules.tracing import COMBINE, Trace, holds_for, trace
from personalization.segments.belonging import memberships
from tests.factories import NOON

BUYS = {"fact": "count", "event": "purchase", "days": 30, "operator": "greater", "value": 3}
FRENCH = {"fact": "trait", "name": "country", "operator": "equals", "value": "France"}
PHONE = {"fact": "context", "name": "device", "operator": "equals", "value": "mobile"}


def anna(*, purchases: int = 3) -> Facts:
    facts = empty_facts()
    remember(facts, Happening("identify", NOON, traits={"country": "France"}))
    for _ in range(purchases):
        remember(facts, Happening("purchase", NOON))
    return facts


def traced(raw: Any, **context: Any) -> Trace:
    return trace(compile_rule(parse_rule(raw)), Known(anna(), context, NOON))


def test_each_condition_says_what_it_saw_and_how_near_it_was() -> None:
    found = traced({"all": [BUYS, FRENCH]})

    bought, lives = found.members
    assert (found.holds, found.match) == (False, "all")
    assert (bought.holds, bought.actual, bought.nearness) == (
        False,
        "3 purchases",
        "one purchase short",
    )
    assert (lives.holds, lives.actual, lives.nearness) == (True, "France", "")


def test_a_visit_of_which_nothing_is_stated_stays_open() -> None:
    found = traced({"all": [FRENCH, PHONE]})

    assert found.holds is None
    assert found.members[1].actual == "depends on the visit"


def test_a_stated_visit_decides() -> None:
    assert traced({"all": [FRENCH, PHONE]}, device="mobile").holds is True
    assert traced({"all": [FRENCH, PHONE]}, device="tablet").holds is False


@pytest.mark.parametrize(
    ("raw", "holds"),
    [
        ({"all": [BUYS, PHONE]}, False),
        ({"any": [FRENCH, PHONE]}, True),
        ({"any": [BUYS, PHONE]}, None),
        ({"none": [FRENCH, PHONE]}, False),
        ({"none": [BUYS, PHONE]}, None),
        ({"all": [{"any": [FRENCH, PHONE]}, {"none": [BUYS]}]}, True),
    ],
)
def test_what_the_visit_cannot_change_is_certain(raw: Any, holds: bool | None) -> None:
    known = Known(anna(), {}, NOON)

    assert traced(raw).holds is holds
    assert holds_for(compile_rule(parse_rule(raw)), known) is holds


def test_inside_none_a_miss_is_no_near_miss() -> None:
    assert traced({"none": [BUYS]}).members[0].nearness == ""


def test_somebody_is_in_the_segments_that_match_or_may_match() -> None:
    segments = {
        "french": {"name": "French", "rule": {"all": [FRENCH]}},
        "regulars": {"name": "Regulars", "rule": {"all": [BUYS]}},
        "by-phone": {"name": "By phone", "rule": {"all": [PHONE]}},
        "broken": {"name": "Broken", "rule": {"all": [{"fact": "mood"}]}},
    }

    found = memberships(segments=segments, known=Known(anna(), {}, NOON))

    assert [(one.key, one.is_certain) for one in found] == [("by-phone", False), ("french", True)]


def test_every_way_to_combine_is_known() -> None:
    assert set(MATCHES) == COMBINE.keys()
