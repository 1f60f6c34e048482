"""Line 1: an event, from the front door to the next decision."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from personalization.config.demo.activities import make_activities
from personalization.events.models import Event
from tests.factories import make_category, make_event

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_views_of_a_category_change_the_next_decision(
    shop: None, partner: Callable[..., Any], consume: Callable[[], None]
) -> None:
    make_category(key="lanterns")
    make_activities(now=timezone.now())
    question = {"placements": ["home_hero"], "user_id": "anna"}
    views = [
        make_event(occurred_at=None, properties={"item_id": f"L{n}"}, user_id="anna")
        for n in range(3)
    ]

    partner("POST", "/api/v1/events", {"events": views[:2]})
    consume()
    (before,) = partner("POST", "/api/v1/decisions", question).json()["decisions"]
    partner("POST", "/api/v1/events", {"events": views[2:]})
    consume()
    (after,) = partner("POST", "/api/v1/decisions", question).json()["decisions"]

    assert (before["activity"], before["reason"]["code"]) == (None, "no_match")
    assert (after["activity"], after["reason"]["code"]) == ("more-lanterns", "matched")
    assert after["content"]["headline"] == "More Lanterns for you"
    consume()
    exposure = Event.objects.get(type="exposure")
    assert exposure.properties["activity"] == "more-lanterns"
    assert exposure.properties["ruleset_version"] == after["ruleset_version"]
