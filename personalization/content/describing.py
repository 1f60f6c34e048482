"""What is live of this room, in sentences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from personalization.segments.publishing import Document


def describe_activity(
    definition: Mapping[str, Any], document: Document, names: Mapping[str, str]
) -> list[str]:
    """Return a live activity as sentences: to whom and where, when, and what it shows.

    `names` are what segments are called.
    """
    segment = definition["segment"]
    placement = document["placements"].get(definition["placement"], {})
    whom = f"“{names.get(segment, segment)}”" if segment else "everyone"
    where = placement.get("name", definition["placement"])
    return [
        f"Named “{definition['name']}”.",
        f"Shown to {whom} at “{where}” with priority {definition['priority']}.",
        _schedule(definition["starts_at"], definition["ends_at"]),
        *(_variation(one) for one in definition["variations"]),
    ]


def describe_placement(
    definition: Mapping[str, Any], _: Document, __: Mapping[str, str]
) -> list[str]:
    """Return a live placement as a sentence."""
    return [f"Named “{definition['name']}”."]


def _schedule(starts_at: str | None, ends_at: str | None) -> str:
    start = f"from {_moment(starts_at)}" if starts_at else "as soon as it is published"
    end = f"until {_moment(ends_at)}" if ends_at else "until it is taken offline"
    return f"Runs {start}, {end}."


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def _variation(raw: Mapping[str, Any]) -> str:
    content = "; ".join(
        f"{name.replace('_', ' ')}: {value}" for name, value in raw["content"].items() if value
    )
    return f"Variation “{raw['name']}”, weight {raw['weight']}, {raw['kind']}, with {content}."
