"""Read the people that partners send, naming every field that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from uuid import uuid4

import orjson

from consent.purposes import OPTIONAL
from personalization.events.keepable import EventRefused, refuse_unkeepable
from personalization.events.tracking import Refusal
from personalization.profiles.stating import Statement

FIELDS: Final = ("identifiers", "traits", "consent", "message_id", "occurred_at")
LONGEST: Final = 128


class Misshapen(Exception):
    """One person of a batch cannot be read; `field` names where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """What could be read, with its place in the batch, and what could not."""

    indices: Sequence[int]
    statements: Sequence[Statement]
    refused: Sequence[Refusal]


def read_statements(people: Sequence[Any], *, idempotency_key: str) -> ReadBatch:
    """Return the statements of a batch; a misshapen one does not stop the rest.

    idempotency_key: the whole batch is taken once under it; empty where there is none.
    """
    indices, statements, refused = [], [], []
    for index, raw in enumerate(people):
        try:
            statements.append(_statement(raw, place=(idempotency_key, index)))
            indices.append(index)
        except (Misshapen, EventRefused) as wrong:
            refused.append(Refusal(index, wrong.field, wrong.message))
    return ReadBatch(indices, statements, refused)


def _message_id(key: str, index: int, raw: Any) -> str:
    """Return an id of its own for other content under the same key: nothing is lost by a mix-up."""
    if not key:
        return uuid4().hex
    said = blake2b(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
    return f"{key}:{index}:{said}"


def _statement(raw: Any, *, place: tuple[str, int]) -> Statement:
    if not isinstance(raw, Mapping):
        raise Misshapen("", "A profile is a JSON object.")
    refuse_unkeepable(raw)
    _check_moment(raw.get("occurred_at"))
    if unknown := sorted(set(raw) - set(FIELDS)):
        raise Misshapen(unknown[0], f"There is no such field. Use: {', '.join(FIELDS)}.")
    return Statement(
        message_id=raw.get("message_id") or _message_id(*place, raw),
        identifiers=_identifiers(_object(raw, "identifiers")),
        traits=_object(raw, "traits"),
        choices=_choices(_object(raw, "consent")),
        occurred_at=raw.get("occurred_at"),
    )


def _check_moment(stated: Any) -> None:
    if stated is not None and not (isinstance(stated, str) and stated.isascii()):
        raise Misshapen("occurred_at", "Use ISO 8601, such as 2026-03-01T12:00:00Z.")


def _identifiers(stated: Mapping[str, Any]) -> Mapping[str, str]:
    for kind, value in stated.items():
        if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST:
            raise Misshapen(f"identifiers.{kind}", f"Use a text of 1 to {LONGEST} characters.")
    return stated


def _choices(stated: Mapping[str, Any]) -> Mapping[str, bool]:
    for purpose, value in stated.items():
        if purpose not in OPTIONAL:
            raise Misshapen(f"consent.{purpose}", f"Use one of {', '.join(OPTIONAL)}.")
        if not isinstance(value, bool):
            raise Misshapen(f"consent.{purpose}", "Use true or false.")
    return stated


def _object(raw: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = raw.get(field)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Misshapen(field, "Use a JSON object.")
    return value
