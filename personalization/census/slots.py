"""Which facts can sit in a slot, in which columns, and how they are read there.

What is put into a slot is what `READ_SQL` reads of the fact, so that there is one meaning of it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from personalization.census.models import AMOUNT, VALUE
from personalization.profiles.facts import SECONDS_PER_DAY
from personalization.rules.reading_sql import READ_SQL
from personalization.rules.sql import Reading, Sql, filled
from personalization.rules.tree import Fact

ROW: Final = '"census_row"'
# How many slots of each shape there are. More need a migration.
SLOTS: Final[Mapping[str, int]] = {AMOUNT: 64, VALUE: 32}
NOTHING: Final = Reading()
# Facts that are not read from the profile's own row.
READ_ELSEWHERE: Final = frozenset({"consent"})
# Rules compare with at most a million millions; a number of any size keeps its place among those.
FLOAT: Final = (
    "(SELECT (CASE WHEN abs(v) < 1e300 THEN v ELSE sign(v) * 1e300 END)::float8"
    " FROM (SELECT {number} AS v OFFSET 0) AS read)"
)
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

    def columns(self, now: datetime) -> dict[str, Sql]:
        """Return what is put into each column, as SQL over a profile's row."""
        read = READ_SQL[self.fact.kind](self.fact, now)
        number = filled(FLOAT, number=read.number)
        if self.shape == AMOUNT:
            return {f"a{self.number}": number}
        return {
            f"n{self.number}": number,
            f"t{self.number}": read.text,
            f"b{self.number}": read.boolean,
            f"m{self.number}": filled(
                "CASE WHEN {is_list} THEN {members} END",
                is_list=read.is_list,
                members=read.members,
            ),
        }


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
    return Reading(
        number=n if read.number != NOTHING.number else NOTHING.number,
        text=t if read.text != NOTHING.text else NOTHING.text,
        boolean=b if read.boolean != NOTHING.boolean else NOTHING.boolean,
        members=filled(MEMBERS, n=n, t=t, b=b, m=m),
        is_list=filled("{m} IS NOT NULL", m=m) if read.is_list != NOTHING.is_list else NOTHING.is_list,
    )


# Only lists are kept as such; a value stated alone is a list of one.
MEMBERS: Final = (
    "COALESCE({m}, CASE WHEN {t} IS NOT NULL THEN jsonb_build_array({t})"
    " WHEN {n} IS NOT NULL THEN jsonb_build_array({n})"
    " WHEN {b} IS NOT NULL THEN jsonb_build_array({b}) END)"
)


def _digest(reading: Reading) -> str:
    return hashlib.sha256(repr(reading).encode()).hexdigest()
