"""A row of a source becomes what that source says of one person."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from consent.subjects import NoIdentifier, can_name
from personalization.connectors.converting import Column, Scalar, ValueRefused
from personalization.connectors.mapping import SourceMapping
from personalization.events.validating import OLDEST
from personalization.identifiers.writing import as_text
from personalization.profiles.stating import IDENTIFY, Statement

# A row that nobody has touched for longer than the door looks back is stated as of then.
LONGEST_AGO: Final = OLDEST - timedelta(days=1)


class RowRefused(ValueError):
    """A row states nobody: which column, and why."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(f"{column}: {message}")
        self.column = column
        self.message = message


def state_row(record: Mapping[str, Any], mapping: SourceMapping, *, now: datetime) -> Statement:
    """Return what the row says of its person; raises RowRefused for the first fault.

    Its message id is made of the row's key, its time of change and its content: a row that has
    not changed is the same message, however often it is sent.
    """
    key = _read(mapping.key, record)
    if key is None:
        raise RowRefused(mapping.key.name, "The key of the row is missing.")
    changed_at = _changed_at(record, mapping)
    content = _content(record, mapping)
    return Statement(
        message_id=_message_id(mapping.source, key, changed_at, content),
        identifiers=content["identifiers"],
        traits=content["traits"],
        choices=content["consent"],
        occurred_at=_occurred_at(changed_at, now=now),
        type=content["type"],
        properties=content["properties"],
        context={"source": mapping.source, **_terms(mapping, since=changed_at or now)},
    )


def _content(record: Mapping[str, Any], mapping: SourceMapping) -> dict[str, Any]:
    is_deleted = bool(mapping.deleted and _read(mapping.deleted, record))
    traits: dict[str, Scalar | None] = {**_table(mapping.traits, record)}
    if is_deleted:  # who is no longer there has nothing that was said of them there
        traits = dict.fromkeys(mapping.traits)
    kind = _read(mapping.event, record) if mapping.event else IDENTIFY
    if kind is None and mapping.event:
        raise RowRefused(mapping.event.name, "The type of the event is missing.")
    return {
        "type": str(kind),
        "identifiers": _identifiers(mapping, record),
        "traits": traits,
        "consent": {} if is_deleted else _choices(mapping, record),
        "properties": _table(mapping.properties, record),
    }


def _identifiers(mapping: SourceMapping, record: Mapping[str, Any]) -> dict[str, str]:
    found = {kind: as_text(value) for kind, value in _table(mapping.identifiers, record).items()}
    for kind, value in found.items():
        if not can_name(kind, value):
            raise RowRefused(mapping.identifiers[kind].name, str(NoIdentifier(kind)))
    return found


def _choices(mapping: SourceMapping, record: Mapping[str, Any]) -> dict[str, bool]:
    choices: dict[str, bool] = {}
    for purpose, value in _table(mapping.consent, record).items():
        if not isinstance(value, bool):
            column = mapping.consent[purpose].name
            raise RowRefused(column, "Consent is true or false. Give a table under `values`.")
        choices[purpose] = value
    return choices


def _table(columns: Mapping[str, Column], record: Mapping[str, Any]) -> dict[str, Scalar]:
    read = {name: _read(column, record) for name, column in columns.items()}
    return {name: value for name, value in read.items() if value is not None}


def _read(column: Column, record: Mapping[str, Any]) -> Scalar | None:
    try:
        return column.read(record)
    except ValueRefused as refused:
        raise RowRefused(column.name, str(refused)) from refused


def _changed_at(record: Mapping[str, Any], mapping: SourceMapping) -> datetime | None:
    stated = _read(mapping.changed_at, record) if mapping.changed_at else None
    return datetime.fromisoformat(stated) if isinstance(stated, str) else None


def _occurred_at(changed_at: datetime | None, *, now: datetime) -> str | None:
    return max(changed_at, now - LONGEST_AGO).isoformat() if changed_at else None


def _terms(mapping: SourceMapping, *, since: datetime) -> dict[str, Any]:
    """Return the ground on which a third party's traits are used, and until when each may be."""
    if mapping.enrichment is None:
        return {}
    default = mapping.enrichment.expires_after_days
    days = {name: column.expires_after_days or default for name, column in mapping.traits.items()}
    expires = {
        name: int((since + timedelta(days=count)).timestamp())
        for name, count in days.items()
        if count
    }
    basis = f"{mapping.source}: {mapping.enrichment.basis}"
    return {"terms": {"basis": basis, "expires": expires}}


def _message_id(
    source: str, key: Scalar, changed_at: datetime | None, content: Mapping[str, Any]
) -> str:
    said = [source, key, changed_at.isoformat() if changed_at else None, content]
    digest = blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).hexdigest()
    return f"{source}:{digest}"
