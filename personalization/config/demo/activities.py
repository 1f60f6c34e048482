"""The segments and activities the demo's shop starts with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.models import Category
from personalization.content.models import Activity, Placement, Variation
from personalization.content.publishing import publish_activity, publish_placements
from personalization.segments.models import Publication, Segment
from personalization.segments.sizing import record_sizes

MAKER: Final = "demo"
PLACEMENTS: Final = (
    ("home_hero", "Home page, at the top", "A welcome to the shop."),
    ("home_strip", "Home page, below the hero", "Delivery and returns."),
    ("category_top", "Category page, at the top", "Nothing."),
    ("basket_note", "Basket page", "Nothing."),
)
INTEREST_VIEWS: Final = 3
INTEREST_DAYS: Final = 7
# Fresh interest speaks louder than habit, habit louder than a first greeting.
FRESH, HABIT, GREETING = 60, 40, 10


@dataclass(frozen=True, slots=True)
class Start:
    """One segment with the activity that is for it."""

    segment: str
    rule: Mapping[str, Any]
    activity: str
    placement: str
    priority: int
    variation: Mapping[str, Any]


def make_activities(*, now: datetime) -> int:
    """Save and publish the demo's activities unless something was published before.

    Their segments are counted, too. Returns how many are live.
    """
    if Publication.objects.exists():
        return Activity.objects.count()
    for key, name, note in PLACEMENTS:
        Placement.objects.get_or_create(key=key, defaults={"name": name, "fallback_note": note})
    publish_placements(by=MAKER, now=now)
    starts = [*_interests(), *HABITS]
    for start in starts:
        publish_activity(activity=_save(start), by=MAKER, now=now)
    # Beat counts at night; a demo is looked at on the day it is made.
    record_sizes(now=now)
    return len(starts)


def _save(start: Start) -> Activity:
    segment, _ = Segment.objects.get_or_create(name=start.segment, defaults={"rule": start.rule})
    activity = Activity.objects.create(
        name=start.activity,
        segment=segment,
        placement=Placement.objects.get(key=start.placement),
        priority=start.priority,
    )
    Variation.objects.create(activity=activity, name="Standard", **start.variation)
    return activity


def _interests() -> Iterator[Start]:
    """Yield one activity for each category: whoever looks at three of its items meets it."""
    for category in Category.objects.all():
        yield Start(
            segment=f"Looking at {category.name}",
            rule={
                "all": [
                    {
                        "fact": "count",
                        "event": "item_view",
                        "category": category.key,
                        "days": INTEREST_DAYS,
                        "operator": "at_least",
                        "value": INTEREST_VIEWS,
                    }
                ]
            },
            activity=f"More {category.name}",
            placement="home_hero",
            priority=FRESH,
            variation={
                "kind": "banner",
                "headline": f"More {category.name} for you",
                "text": "You have an eye for these. Here is where the rest of them wait.",
                "link": f"/shelves/{category.key}/",
                "button_label": f"See {category.name}",
                "tone": "fresh",
            },
        )


def _purchases(*, days: int, operator: str, value: int) -> dict[str, Any]:
    return {
        "fact": "count",
        "event": "purchase",
        "category": None,
        "days": days,
        "operator": operator,
        "value": value,
    }


HABITS: Final = (
    Start(
        segment="Frequent buyers",
        rule={"all": [_purchases(days=30, operator="greater", value=3)]},
        activity="Thank frequent buyers",
        placement="home_hero",
        priority=HABIT,
        variation={
            "kind": "banner",
            "headline": "Good to see you again",
            "text": "You are one of our regulars. Your favourites are below, ready to reorder.",
            "link": "/basket/",
            "button_label": "To your basket",
            "tone": "warm",
        },
    ),
    Start(
        segment="Lapsed buyers",
        rule={
            "all": [
                {"fact": "days_since", "event": "purchase", "operator": "greater", "value": 180}
            ]
        },
        activity="Win lapsed buyers back",
        placement="home_hero",
        priority=HABIT - 1,
        variation={
            "kind": "banner",
            "headline": "It has been a while",
            "text": "Much has arrived since your last order. Come and have a look.",
            "link": "/search/?q=new",
            "button_label": "What is new",
            "tone": "calm",
        },
    ),
    Start(
        segment="Visitors from the continent",
        rule={
            "all": [
                {
                    "fact": "trait",
                    "name": "country",
                    "operator": "in",
                    "value": ["France", "Germany", "Spain", "Belgium", "Netherlands", "Italy"],
                }
            ]
        },
        activity="Delivery to the continent",
        placement="home_strip",
        priority=GREETING,
        variation={
            "kind": "html",
            "html": "<p><strong>Delivered across the Channel</strong> in four to six days.</p>",
        },
    ),
    Start(
        segment="Big spenders",
        rule={
            "all": [
                {
                    "fact": "sum",
                    "event": "purchase",
                    "days": 90,
                    "operator": "greater",
                    "value": 2000,
                }
            ]
        },
        activity="A personal contact for big spenders",
        placement="home_strip",
        priority=HABIT,
        variation={
            "kind": "html",
            "html": "<p><strong>Trade customer?</strong> Your contact is one call away.</p>",
        },
    ),
    Start(
        segment="Basket left behind",
        rule={
            "all": [
                {
                    "fact": "count",
                    "event": "add_to_cart",
                    "category": None,
                    "days": 3,
                    "operator": "at_least",
                    "value": 1,
                },
                _purchases(days=3, operator="equals", value=0),
            ]
        },
        activity="Remind of the basket",
        placement="basket_note",
        priority=HABIT,
        variation={
            "kind": "recommendations",
            "title": "Goes well with your choice",
            "strategy": "recommended",
            "limit": 4,
        },
    ),
)
