"""What hangs on the second is counted by columns at any second."""

from datetime import timedelta
from typing import Any

import pytest

from personalization.profiles.models import Profile

from .shop import NOON, TODAY, filled, matched, only_the_census, rule

pytestmark = pytest.mark.django_db
MORNING = TODAY * 86_400 + 6 * 3_600
HOUR = timedelta(hours=1)
SIX = NOON - 6 * HOUR
STEPS = {"fact": "sequence", "event": "add_to_cart", "then": "purchase", "minutes": 60}
DONE: dict[str, Any] = {**STEPS, "days": 1, "operator": "done"}
LEFT: dict[str, Any] = {**STEPS, "days": 1, "operator": "not_followed"}


def act(kind: str, minutes: int) -> list[Any]:
    return [MORNING + 60 * minutes, kind, "", ""]


def test_a_step_that_can_still_be_followed_is_left_once_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acts = [act("add_to_cart", 0), act("purchase", 30), act("add_to_cart", 90)]
    Profile.objects.bulk_create([Profile(facts={"recent": acts}), Profile(facts={})])
    wanted = rule(DONE), rule(LEFT)
    filled(*[one.fact for each in wanted for one in each.conditions()])
    only_the_census(monkeypatch)

    assert [matched(one, now=SIX + 2.5 * HOUR) for one in wanted] == [1, 0]
    late = SIX + 2.5 * HOUR + timedelta(seconds=1)
    assert [matched(one, now=late) for one in wanted] == [1, 1]


def test_a_visit_is_over_half_an_hour_after_its_latest_act(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visit = {"number": 2, "started": MORNING, "last": MORNING + 600, "events": 3}
    types = {"types": {"purchase": 2}}
    Profile.objects.bulk_create([Profile(facts={"session": visit | types}), Profile(facts={})])
    asked = [
        {"fact": "session", "name": "events", "operator": "equals", "value": 3},
        {"fact": "session", "name": "minutes", "operator": "equals", "value": 40},
        {"fact": "in_session", "event": "purchase", "operator": "equals", "value": 2},
        {"fact": "session", "name": "events", "operator": "equals", "value": 0},
    ]
    wanted = [rule(one) for one in asked]
    filled(*[one.fact for each in wanted for one in each.conditions()])
    only_the_census(monkeypatch)

    assert [matched(one, now=SIX + timedelta(minutes=40)) for one in wanted] == [1, 1, 1, 1]
    over = SIX + timedelta(minutes=40, seconds=1)
    assert [matched(one, now=over) for one in wanted] == [0, 0, 0, 2]
