"""Pieces of SQL, put together without a value ever entering the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from personalization.segments.tree import Scalar


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the parameters it asks for, in order."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One fact as SQL: as a number, a text and a boolean, of which at most one is not NULL."""

    number: Sql = Sql("NULL::numeric")
    text: Sql = Sql("NULL::text")
    boolean: Sql = Sql("NULL::boolean")


def joined(words: tuple[str, str], members: Sequence[Sql]) -> Sql:
    """Return the members in brackets, with the first word before them and the second between."""
    before, between = words
    text = f"{before}({between.join(member.text for member in members)})"
    return Sql(text, tuple(param for member in members for param in member.params))


def decimal(value: Scalar) -> Decimal:
    """Return the shortest decimal that names a number: what JSON and so jsonb keep of it."""
    return Decimal(repr(value))
