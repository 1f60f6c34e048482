"""Which facts can sit in a slot, in which columns, and how they are read there.

What is put into a slot is what `READ` reads of the fact, as decisions do: tests hold that equal to
what `READ_SQL` reads, and Python is some five times faster at it than PostgreSQL.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from personalization.census.models import AMOUNT, VALUE
from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.rules.reading import Known, comparable
from personalization.rules.reading_sql import READ_SQL
from personalization.rules.sql import Reading, Sql, filled
from personalization.rules.tree import Fact

ROW: Final = '"census_row"'
# How many slots of each shape there are. More need a migration.
SLOTS: Final[Mapping[str, int]] = {AMOUNT: 64, VALUE: 32}
# What columns a slot has, and of what type.
TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    AMOUNT: {"a": "float8"},
    VALUE: {"t": "text", "n": "float8", "b": "boolean", "m": "jsonb"},
}
NOTHING: Final = Reading()
# Facts that are not read from the profile's own row.
READ_ELSEWHERE: Final = frozenset({"consent"})
A_DAY: Final = datetime(2026, 3, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seat:
    """A slot with a fact in it; `is_daily` says that the fact is another one tomorrow."""

    fact: Fact
    shape: str
    number: int
    is_daily: bool
    made_by: str
    kept: Reading = field(repr=False)

    @property
    def columns(self) -> dict[str, str]:
        """The columns with their types."""
        return {f"{name}{self.number}": type_ for name, type_ in TYPES[self.shape].items()}

    def values(self, known: Known) -> dict[str, Any]:
        """Return what is put into which column; those that are left out are empty."""
        value = comparable(known.value(self.fact))
        if isinstance(value, int | float):
            column = "a" if self.shape == AMOUNT else "n"
            return {f"{column}{self.number}": float(value)}
        if isinstance(value, frozenset):
            return {f"m{self.number}": [one[0] if isinstance(one, tuple) else one for one in value]}
        if isinstance(value, str):
            return {f"t{self.number}": value}
        return {f"b{self.number}": value[0]} if isinstance(value, tuple) else {}


def seat(fact: Fact, *, number: int) -> Seat | None:
    """Return the fact in the slot of this number; None where no slot can hold it.

    A slot holds what stays the same from midnight to midnight (UTC): what depends on the second,
    such as the visit going on, and what is read elsewhere, such as consent, goes without.
    """
    if fact.kind in READ_ELSEWHERE or fact.kind not in READ_SQL:
        return None
    read = READ_SQL[fact.kind]
    first, last, next_ = (
        read(fact, A_DAY + timedelta(seconds=seconds))
        for seconds in (0, SECONDS_PER_DAY - 1, SECONDS_PER_DAY)
    )
    if first != last or first.latitude != NOTHING.latitude:
        return None
    shape = shape_of(first)
    return Seat(fact, shape, number, first != next_, _digest(first), _kept(first, shape, number))


def shape_of(reading: Reading) -> str:
    """Return which slot has room for it."""
    others = (reading.text, reading.boolean, reading.is_list)
    return AMOUNT if others == (NOTHING.text, NOTHING.boolean, NOTHING.is_list) else VALUE


def written(fact: Fact) -> str:
    """Return a fact as a text that equal facts share."""
    stated = {name: value for name, value in asdict(fact).items() if value is not None}
    return json.dumps(stated, sort_keys=True)


def read_back(text: str) -> Fact:
    """Return the fact that `written` made this text of."""
    return Fact(**json.loads(text))


def day_of(now: datetime) -> int:
    """Return the day, UTC, since 1970."""
    return int(now.timestamp()) // SECONDS_PER_DAY


def _kept(read: Reading, shape: str, number: int) -> Reading:
    """Return the reading of the columns; what the fact never is stays out, and costs nothing."""
    if shape == AMOUNT:
        return Reading(number=Sql(f"{ROW}.a{number}"))
    n, t, b, m = (Sql(f"{ROW}.{column}{number}") for column in "ntbm")
    is_list = filled("{m} IS NOT NULL", m=m)
    return Reading(
        number=NOTHING.number if read.number == NOTHING.number else n,
        text=NOTHING.text if read.text == NOTHING.text else t,
        boolean=NOTHING.boolean if read.boolean == NOTHING.boolean else b,
        members=filled(MEMBERS, n=n, t=t, b=b, m=m),
        is_list=NOTHING.is_list if read.is_list == NOTHING.is_list else is_list,
    )


# Only lists are kept as such; a value stated alone is a list of one.
MEMBERS: Final = (
    "COALESCE({m}, CASE WHEN {t} IS NOT NULL THEN jsonb_build_array({t})"
    " WHEN {n} IS NOT NULL THEN jsonb_build_array({n})"
    " WHEN {b} IS NOT NULL THEN jsonb_build_array({b}) END)"
)


def _digest(reading: Reading) -> str:
    return hashlib.sha256(repr(reading).encode()).hexdigest()
