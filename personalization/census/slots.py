"""Which facts can sit in a slot, in which columns, and how they are read there.

What is put into a slot is what `READ` reads of the fact, as decisions do: tests hold that equal to
what `READ_SQL` reads, and Python is some five times faster at it than PostgreSQL.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from personalization.census.models import AMOUNT, FLAG, PAIR, VALUE
from personalization.census.pairs import PLACE, Pair, pair_of
from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.rules.reading import Known, comparable
from personalization.rules.reading_sql import READ_SQL
from personalization.rules.sql import Reading, Sql, filled
from personalization.rules.tree import Fact

ROW: Final = '"census_row"'
# How many slots of each shape there are. More need a migration.
SLOTS: Final[Mapping[str, int]] = {AMOUNT: 64, FLAG: 32, PAIR: 16, VALUE: 32}
# What columns a slot has, and of what type.
TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    AMOUNT: {"a": "float8"},
    FLAG: {"f": "boolean"},
    PAIR: {"x": "float8", "y": "float8"},
    VALUE: {"t": "text", "n": "float8", "b": "boolean", "m": "jsonb"},
}
NOTHING: Final = Reading()
A_DAY: Final = datetime(2026, 3, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seat:
    """A slot with a fact in it; `is_daily` says that another is kept of it tomorrow.

    `read` reads it from the columns as it is at a moment.
    """

    fact: Fact
    shape: str
    number: int
    is_daily: bool
    made_by: str
    read: Callable[[datetime], Reading] = field(repr=False, compare=False)
    pair: Pair | None = field(default=None, repr=False)

    @property
    def columns(self) -> dict[str, str]:
        """The columns with their types."""
        return {f"{name}{self.number}": type_ for name, type_ in TYPES[self.shape].items()}

    def values(self, known: Known) -> dict[str, Any]:
        """Return what is put into which column; those that are left out are empty."""
        if self.pair:
            return dict(zip(self.columns, self.pair.keep(self.fact, known), strict=True))
        value = comparable(known.value(self.fact))
        if isinstance(value, int | float):
            column = "a" if self.shape == AMOUNT else "n"
            return {f"{column}{self.number}": float(value)}
        if isinstance(value, frozenset):
            return {f"m{self.number}": [one[0] if isinstance(one, tuple) else one for one in value]}
        if isinstance(value, str):
            return {f"t{self.number}": value}
        column = "f" if self.shape == FLAG else "b"
        return {f"{column}{self.number}": value[0]} if isinstance(value, tuple) else {}


def seat(fact: Fact, *, number: int) -> Seat | None:
    """Return the fact in the slot of this number; None where no slot can hold it.

    A slot holds what stays the same from midnight to midnight (UTC). What depends on the second
    goes without, unless `pairs.py` says from which numbers it follows.
    """
    if fact.kind not in READ_SQL:
        return None
    read, pair = READ_SQL[fact.kind], pair_of(fact)
    first, last, next_ = (
        read(fact, A_DAY + timedelta(seconds=seconds))
        for seconds in (0, SECONDS_PER_DAY - 1, SECONDS_PER_DAY)
    )
    if pair is None and first != last:
        return None
    # What is kept of a pair stays from day to day unless it is of a window.
    is_daily = fact.days is not None if pair else first != next_
    if first.latitude != NOTHING.latitude:
        pair = PLACE
    if pair:
        return Seat(fact, PAIR, number, is_daily, _digest(first), _of_pair(pair, number), pair)
    shape = shape_of(first)
    kept = _kept(first, shape, number)
    return Seat(fact, shape, number, is_daily, _digest(first), lambda _: kept)


def shape_of(reading: Reading) -> str:
    """Return which slot has room for it."""
    if (reading.text, reading.is_list) != (NOTHING.text, NOTHING.is_list):
        return VALUE
    if reading.boolean == NOTHING.boolean:
        return AMOUNT
    return FLAG if reading.number == NOTHING.number else VALUE


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


def _of_pair(pair: Pair, number: int) -> Callable[[datetime], Reading]:
    x, y = Sql(f"{ROW}.x{number}"), Sql(f"{ROW}.y{number}")
    return lambda now: pair.read(x, y, now)


def _kept(read: Reading, shape: str, number: int) -> Reading:
    """Return the reading of the columns; what the fact never is stays out, and costs nothing."""
    if shape == AMOUNT:
        return Reading(number=Sql(f"{ROW}.a{number}"))
    if shape == FLAG:
        return Reading(boolean=Sql(f"{ROW}.f{number}"))
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
