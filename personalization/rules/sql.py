"""Pieces of SQL, put together without a value ever entering the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import Formatter
from typing import Any, Final

from personalization.rules.tree import Scalar

FACTS: Final = '"profiles_profile"."facts"'


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the parameters it asks for, in order."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One fact as SQL: as a number, a text and a boolean, of which at most one is not NULL.

    `ascii` is a cheaper text, folded as far as ASCII goes and so equal to ASCII texts alone, and
    whether it is a text at all. `members` is a jsonb array, of which a value stated alone is the
    only member; `is_list` says whether it was stated as a list with something in it. `latitude`
    and `longitude` are both NULL or neither.
    """

    number: Sql = Sql("NULL::numeric")
    text: Sql = Sql("NULL::text")
    ascii: tuple[Sql, Sql] | None = None
    boolean: Sql = Sql("NULL::boolean")
    members: Sql = Sql("NULL::jsonb")
    is_list: Sql = Sql("FALSE")
    latitude: Sql = Sql("NULL::float8")
    longitude: Sql = Sql("NULL::float8")


def joined(words: tuple[str, str], members: Sequence[Sql]) -> Sql:
    """Return the members in brackets, with the first word before them and the second between."""
    before, between = words
    text = f"{before}({between.join(member.text for member in members)})"
    return Sql(text, tuple(param for member in members for param in member.params))


def filled(text: str, /, **parts: Sql) -> Sql:
    """Return the text with pieces put where it names them, each as often as it does."""
    params: list[Any] = []
    made = []
    for before, name, _, __ in Formatter().parse(text):
        made.append(before)
        if name:
            made.append(parts[name].text)
            params.extend(parts[name].params)
    return Sql("".join(made), tuple(params))


def decimal(value: Scalar) -> Decimal:
    """Return the shortest decimal that names a number: what JSON and so jsonb keep of it."""
    return Decimal(repr(value))
