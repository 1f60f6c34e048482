"""Read what a caller of the decision API asks, naming every field that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from personalization.decisions.context import NAMES
from personalization.decisions.visitors import Visitor
from personalization.events.context import time_facts, zone_of

MAX_PLACEMENTS: Final = 50
FIELDS: Final = frozenset({"placements", "anonymous_id", "user_id", "context"})
LONGEST_ID: Final = 128


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed question."""

    placements: list[str]
    visitor: Visitor
    context: dict[str, Any]


def read_question(data: Any, *, now: datetime) -> Asked:
    """Return the question in this body; raises ValidationError naming the fields."""
    if not isinstance(data, dict):
        raise ValidationError({"placements": ['Send {"placements": [...], "user_id": "…"}.']})
    unknown = data.keys() - FIELDS
    if unknown:
        known = ", ".join(sorted(FIELDS))
        raise ValidationError({min(unknown): [f"There is no such field. There are: {known}."]})
    return Asked(_placements(data), visitor_in(data), _context(data, now=now))


def visitor_in(data: Mapping[str, Any]) -> Visitor:
    """Return the visitor named by `anonymous_id` and `user_id`, either or both."""
    return Visitor(anonymous_id=_id(data, "anonymous_id"), user_id=_id(data, "user_id"))


def _id(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise ValidationError({field: [f"Use a text of 1 to {LONGEST_ID} characters."]})
    return value


def _placements(data: Mapping[str, Any]) -> list[str]:
    asked = data.get("placements")
    if not isinstance(asked, list) or not 0 < len(asked) <= MAX_PLACEMENTS:
        raise ValidationError({"placements": [f"Name 1 to {MAX_PLACEMENTS} placements."]})
    for index, name in enumerate(asked):
        if not isinstance(name, str):
            raise ValidationError({f"placements[{index}]": ["Use the placement's key, a text."]})
    return asked


def _context(data: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    stated = data.get("context") or {}
    if not isinstance(stated, dict):
        raise ValidationError({"context": ["Use a JSON object."]})
    for name, value in stated.items():
        if name not in NAMES:
            known = ", ".join(sorted(NAMES))
            raise ValidationError({f"context.{name}": [f"No such context. There are: {known}."]})
        if not isinstance(value, str | int | float):
            raise ValidationError({f"context.{name}": ["Use a text or a number."]})
    return {**time_facts(now.astimezone(_zone(stated))), **stated}


def _zone(stated: Mapping[str, Any]) -> tzinfo:
    name = stated.get("timezone", "UTC")
    zone = zone_of(name) if isinstance(name, str) else None
    if zone is None:
        raise ValidationError({"context.timezone": ["Use an IANA name, such as Europe/Paris."]})
    return zone
