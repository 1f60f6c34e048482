"""Plain makers of activities."""

from typing import Any

import pytest

from personalization.content.models import Activity, Placement, Variation
from personalization.segments.models import Segment

FRENCH = {"all": [{"fact": "trait", "name": "country", "operator": "equals", "value": "France"}]}


class Make:
    """Makes saved rows with every field a test does not care about filled in."""

    def placement(self, key: str = "home_hero") -> Placement:
        """Return a placement; the same one for the same key."""
        return Placement.objects.get_or_create(key=key, defaults={"name": f"At {key}"})[0]

    def segment(self, name: str = "French", rule: Any = None) -> Segment:
        """Return a segment of French visitors."""
        return Segment.objects.create(name=name, rule=rule or FRENCH)

    def activity(self, name: str = "Bonjour", **fields: Any) -> Activity:
        """Return an activity with one banner."""
        fields.setdefault("placement", self.placement())
        activity = Activity.objects.create(name=name, **fields)
        self.variation(activity)
        return activity

    def variation(self, activity: Activity, **fields: Any) -> Variation:
        """Return a variation, a banner if nothing else is said."""
        filled = {"name": "Only", "headline": "Bonjour", **fields}
        return Variation.objects.create(activity=activity, **filled)


@pytest.fixture
def make(db: None) -> Make:
    """Return the maker of activities."""
    return Make()
