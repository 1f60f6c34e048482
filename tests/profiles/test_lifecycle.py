"""Where a visitor stands in their life with the shop."""

from datetime import timedelta

import pytest

from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.lifecycle import stage_of
from tests.factories import NOON


@pytest.mark.parametrize(
    ("first", "latest", "stage"),
    [
        (0, 0, "new"),
        (30, 0, "new"),
        (31, 30, "active"),
        (400, 0, "active"),
        (31, 31, "at_risk"),
        (400, 90, "at_risk"),
        (400, 91, "lapsed"),
    ],
)
def test_the_stage_follows_from_the_first_and_the_latest_act(
    first: int, latest: int, stage: str
) -> None:
    facts = empty_facts()
    remember(facts, Happening("item_view", NOON - timedelta(days=first)))
    remember(facts, Happening("purchase", NOON - timedelta(days=latest)))

    assert stage_of(facts, NOON) == stage


def test_what_the_shop_showed_is_no_act_of_the_visitor() -> None:
    facts = empty_facts()
    remember(facts, Happening("exposure", NOON))

    assert stage_of(facts, NOON) is None
