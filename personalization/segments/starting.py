"""Segments to start from: what most shops ask for first, as rules to be adapted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from catalog.models import Category
from personalization.rules.parsing import parse_rule
from personalization.rules.sentences import rule_sentence

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A rule with a name, and what it is for."""

    key: str
    group: str
    name: str
    purpose: str
    rule: Raw

    @property
    def sentence(self) -> str:
        """The rule in English."""
        return rule_sentence(parse_rule(self.rule))


def templates() -> list[Template]:
    """Return all templates, group by group."""
    return [*BEHAVIOUR, *_lovers(), *LIFECYCLE, *RFM]


def template_of(key: str) -> Template | None:
    """Return the template with this key; None where there is none."""
    return next((one for one in templates() if one.key == key), None)


def _count(event: str, days: int | None, operator: str, value: int, category: str = "") -> Raw:
    return {
        "fact": "count",
        "event": event,
        "category": category or None,
        "days": days,
        "operator": operator,
        "value": value,
    }


def _average(event: str, days: int, operator: str, value: int) -> Raw:
    return {"fact": "average", "event": event, "days": days, "operator": operator, "value": value}


def _days_since(event: str, low: int, high: int) -> Raw:
    return {"fact": "days_since", "event": event, "operator": "between", "value": [low, high]}


def _stage(stage: str) -> Raw:
    return {"all": [{"fact": "lifecycle", "operator": "equals", "value": stage}]}


def _rfm(**scores: tuple[int, int]) -> Raw:
    return {
        "all": [
            {
                "fact": "score",
                "name": f"rfm_{name}",
                "operator": "between",
                "value": list(bounds),
            }
            for name, bounds in scores.items()
        ]
    }


BEHAVIOUR: Final = (
    Template(
        "high-value",
        "Behaviour",
        "High value",
        "Your best customers: thank them, show them what is new first.",
        {"all": [_count("purchase", 30, "greater", 3), _average("purchase", 30, "greater", 150)]},
    ),
    Template(
        "cart-abandoners",
        "Behaviour",
        "Cart abandoners",
        "They put something into the basket and have not bought since: remind them.",
        {"all": [_count("add_to_cart", 7, "at_least", 1), _count("purchase", 7, "equals", 0)]},
    ),
    Template(
        "window-shoppers",
        "Behaviour",
        "Window shoppers",
        "They look a lot and do not buy: help them choose.",
        {"all": [_count("item_view", 30, "at_least", 10), _count("purchase", 30, "equals", 0)]},
    ),
    Template(
        "lapsing",
        "Behaviour",
        "Lapsing",
        "They used to buy and have not for two months: win them back before they are gone.",
        {"all": [_count("purchase", None, "at_least", 2), _days_since("purchase", 60, 180)]},
    ),
)
LIFECYCLE: Final = (
    Template("new", "Lifecycle", "New visitors", "Greet them, ask one question.", _stage("new")),
    Template(
        "active", "Lifecycle", "Active", "They are here anyway: cross-sell.", _stage("active")
    ),
    Template(
        "at-risk", "Lifecycle", "At risk", "They come less often than before.", _stage("at_risk")
    ),
    Template("lapsed", "Lifecycle", "Lapsed", "They stopped coming.", _stage("lapsed")),
)
RFM: Final = (
    Template(
        "rfm-champions",
        "Recency, frequency, money",
        "Champions",
        "Bought lately, often and much.",
        _rfm(recency=(4, 5), frequency=(4, 5), monetary=(4, 5)),
    ),
    Template(
        "rfm-loyal",
        "Recency, frequency, money",
        "Loyal",
        "Buy often, and not long ago.",
        _rfm(recency=(3, 5), frequency=(4, 5)),
    ),
    Template(
        "rfm-promising",
        "Recency, frequency, money",
        "Promising",
        "Bought lately, but not often yet.",
        _rfm(recency=(4, 5), frequency=(1, 2)),
    ),
    Template(
        "rfm-cannot-lose",
        "Recency, frequency, money",
        "Cannot lose",
        "Bought often and much, but long ago.",
        _rfm(recency=(1, 2), frequency=(4, 5), monetary=(4, 5)),
    ),
    Template(
        "rfm-hibernating",
        "Recency, frequency, money",
        "Hibernating",
        "Bought seldom, and long ago.",
        _rfm(recency=(1, 2), frequency=(1, 2)),
    ),
)


def _lovers() -> Iterator[Template]:
    # Of one category as an example; the builder offers the others.
    for category in Category.objects.order_by("name")[:1]:
        yield Template(
            "category-lovers",
            "Behaviour",
            f"{category.name} lovers"[:80],
            "They come back to one category: show it first. Choose yours in the next step.",
            {
                "all": [
                    _count("item_view", 30, "at_least", 5, category.key),
                    _count("purchase", 90, "at_least", 1, category.key),
                ]
            },
        )
