"""Read what a partner states about a segment, naming every field that is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError

from consent.purposes import OPTIONAL, PERSONALIZATION
from personalization.segments.api_kinds import OF_KIND, Made, WrongFields, read_kind
from personalization.segments.models import Segment
from personalization.segments.naming import unseen_in

FIELDS: Final = frozenset(
    {"name", "description", "kind", "publish", "insist", *chain.from_iterable(OF_KIND.values())}
)
KEY: Final = re.compile(r"[-\w]{1,64}", re.ASCII)
LONGEST_NAME: Final = 80
LONGEST_DESCRIPTION: Final = 10_000


@dataclass(frozen=True, slots=True)
class Stated:
    """A well-formed segment."""

    name: str
    description: str
    made: Made
    publish: bool
    insists: bool


def read_segment(data: Any, *, segment: Segment | None) -> Stated:
    """Return what the body states; raises ValidationError naming each field at fault.

    `segment` is the one that is replaced; None for a new one.
    """
    if not isinstance(data, dict):
        raise ValidationError({"name": ['Send {"name": "…", "rule": {…}}.']})
    unknown = data.keys() - FIELDS
    problems: dict[str, list[str]] = {
        str(name): [f"There is no such field. There are: {', '.join(sorted(FIELDS))}."]
        for name in sorted(unknown)
    }
    problems |= _name_problems(data, segment) | _other_problems(data)
    try:
        made = read_kind(data, segment=segment)
    except WrongFields as error:
        raise ValidationError(problems | error.problems) from error
    if problems:
        raise ValidationError(problems)
    return Stated(
        name=data["name"].strip(),
        description=data.get("description", ""),
        made=made,
        publish=data.get("publish", False),
        insists=data.get("insist", False),
    )


def read_insisting(data: Any) -> bool:
    """Return whether the body of a publication insists; raises ValidationError."""
    if not isinstance(data, dict) or data.keys() - {"insist"}:
        raise ValidationError({"": ['Send nothing, or {"insist": true}.']})
    if problems := _other_problems(data):
        raise ValidationError(problems)
    return bool(data.get("insist", False))


def read_number(
    asked: Mapping[str, str], name: str, *, default: int, largest: int, least: int = 0
) -> int:
    """Return a whole number of the query; raises ValidationError."""
    stated = asked.get(name, "")
    if not stated:
        return default
    is_number = stated.isascii() and stated.isdecimal() and len(stated) < len(str(largest)) + 1
    if not is_number or not least <= int(stated) <= largest:
        raise ValidationError({name: [f"Use a whole number of {least} to {largest:,}."]})
    return int(stated)


def read_key(asked: Mapping[str, str], name: str) -> str:
    """Return the key that a list goes on behind, empty at its start; raises ValidationError."""
    stated = asked.get(name, "")
    if stated and not KEY.fullmatch(stated):
        raise ValidationError({name: ["Use the key that the last page named as `next_after`."]})
    return stated


def read_purpose(asked: Mapping[str, str]) -> str:
    """Return what the list is for; raises ValidationError."""
    purpose = asked.get("purpose", PERSONALIZATION)
    if purpose not in OPTIONAL:
        raise ValidationError({"purpose": [f"Use one of {', '.join(OPTIONAL)}."]})
    return purpose


def segment_of(key: str, rows: QuerySet[Segment] | None = None) -> Segment:
    """Return the segment of the address, of these `rows`; raises NotFound."""
    found = (Segment.objects.all() if rows is None else rows).filter(key=key).first()
    if found is None:
        raise NotFound({"key": ["There is no segment with this key."]})
    return found


def _name_problems(data: Mapping[str, Any], segment: Segment | None) -> dict[str, list[str]]:
    name = data.get("name")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        return {"name": [f"Use a text of 1 to {LONGEST_NAME} characters."]}
    if unseen := unseen_in(name.strip()):
        return {"name": [unseen]}
    same = Segment.objects.filter(name=name.strip()).first()
    if same is not None and same != segment:
        return {"name": [f"There is a segment of this name already: its key is {same.key}."]}
    return {}


def _other_problems(data: Mapping[str, Any]) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    description = data.get("description", "")
    if not isinstance(description, str) or len(description) > LONGEST_DESCRIPTION:
        problems["description"] = [f"Use a text of at most {LONGEST_DESCRIPTION:,} characters."]
    elif unseen := unseen_in(description, has_lines=True):
        problems["description"] = [unseen]
    for name in ("publish", "insist"):
        if not isinstance(data.get(name, False), bool):
            problems[name] = ["Use true or false."]
    return problems
