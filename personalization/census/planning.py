"""Which facts can be read from the census at a moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from personalization.census.models import Layout, Slot
from personalization.census.slots import Seat, day_of, read_back, seat
from personalization.rules.reading_sql import READ_SQL
from personalization.rules.registering import OWN_OPERATORS
from personalization.rules.sql import Reading
from personalization.rules.tree import Condition, Fact, Group, Rule

LAYOUT: Final = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What statements are made for: the `version` of the layout, and the seats that are filled.

    `is_turned` says that all rows hold for `day`.
    """

    version: int
    day: int
    is_turned: bool
    seats: Mapping[Fact, Seat]

    def read(self, fact: Fact, _: datetime) -> Reading:
        """Return a fact as SQL over a row of the census."""
        return self.seats[fact].kept

    def can_read(self, member: Condition | Group, now: datetime) -> bool:
        """Whether the census alone can tell; what a visit decides is decided without it."""
        if isinstance(member, Group):
            return all(self.can_read(one, now) for one in member.members)
        if member.fact.is_context:
            return True
        held = self.seats.get(member.fact)
        return (
            held is not None
            and member.operator not in OWN_OPERATORS
            and (not held.is_daily or self.day == day_of(now))
        )

    def needs_day(self, rule: Rule) -> bool:
        """Whether rows of another day have to be left out."""
        held = (self.seats.get(one.fact) for one in rule.conditions())
        return not self.is_turned and any(one is not None and one.is_daily for one in held)


NO_PLAN: Final = Plan(version=0, day=0, is_turned=False, seats={})


def current_plan() -> Plan:
    """Return what the census can tell now; one query."""
    rows = Layout.objects.raw(
        "SELECT l.*, s.shape, s.number, s.fact, s.made_by FROM census_layout AS l"
        " LEFT JOIN census_slot AS s ON s.is_filled WHERE l.id = %s",
        [LAYOUT],
    )
    layouts = list(rows)
    if not layouts:
        return NO_PLAN
    first = layouts[0]
    held = {one.fact: one for row in layouts if row.fact for one in _seat(row)}
    return Plan(first.version, first.day, first.is_turned, held)


def usable(slot: Slot) -> Seat | None:
    """Return the seat; None where its fact is read in another way than when it got there."""
    return next(iter(_seat(slot)), None)


def _seat(slot: "Slot | Layout") -> Iterator[Seat]:
    fact = read_back(slot.fact)
    if fact.kind in READ_SQL:
        made = seat(fact, number=slot.number)
        if made and made.made_by == slot.made_by:
            yield made
