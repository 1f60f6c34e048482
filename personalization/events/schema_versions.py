"""Save schemas as versions, take them out of force, and say what a version changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from personalization.events.models import Event, EventSchema
from personalization.events.schema_checking import PARTS, Check, as_path, compile_schema
from personalization.events.standards import announce_after_commit

TRIED = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One place in which two schemas differ; an empty text is a place that is not there."""

    path: str
    before: str
    after: str

    @property
    def happened(self) -> str:
        """What became of it, in a word."""
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


@dataclass(frozen=True, slots=True)
class Version:
    """A version and what it changed of the one before."""

    saved: EventSchema
    changes: list[Change]


@transaction.atomic
def save_schema(
    *, type: str, schema: Mapping[str, Any], note: str, by: str, now: datetime
) -> EventSchema:
    """Put a schema into force as the next version of its type; raises SchemaRefused."""
    compile_schema(schema)
    _hold(type)
    latest = EventSchema.objects.filter(type=type).order_by("-version").first()
    EventSchema.objects.filter(type=type, is_active=True).update(is_active=False)
    saved = EventSchema.objects.create(
        type=type,
        version=latest.version + 1 if latest else 1,
        schema=schema,
        note=note[:200],
        saved_at=now,
        saved_by=by[:150],
    )
    announce_after_commit()
    return saved


@transaction.atomic
def withdraw_schema(*, type: str) -> None:
    """Take the schema of a type out of force: its events are of an unknown type from now on."""
    _hold(type)
    EventSchema.objects.filter(type=type, is_active=True).update(is_active=False)
    announce_after_commit()


def versions_of(type: str) -> list[Version]:
    """Return all versions of a type with what each changed, newest first."""
    saved = list(EventSchema.objects.filter(type=type).order_by("version"))
    before: Mapping[str, Any] = {}
    versions = []
    for one in saved:
        versions.append(Version(one, list(differences(before, one.schema))))
        before = one.schema
    return versions[::-1]


def differences(before: Any, after: Any) -> Iterator[Change]:
    """Yield the places in which two schemas differ, as `properties.price.minimum: 0 → 1`."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield Change(path, old.get(path, ""), new.get(path, ""))


def objections_lately(*, type: str, check: Check) -> tuple[int, int]:
    """Return how many of the latest stored events a schema would refuse, and of how many."""
    events = Event.objects.filter(type=type).order_by("-occurred_at")[:TRIED]
    tried = [
        check.objection(dict(zip(PARTS, parts, strict=True)))
        for parts in events.values_list(*PARTS)
    ]
    return sum(one is not None for one in tried), len(tried)


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from _leaves(part, (*path, name))
    elif value != {} or path:
        yield as_path(path), json.dumps(value, ensure_ascii=False)


def _hold(type: str) -> None:
    # Two who save at once would take the same number.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"event_schema:{type}"])
