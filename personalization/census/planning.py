"""Which facts can be read from the census at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from personalization.census.models import Layout, Slot
from personalization.census.slots import Seat, day_of, read_back, seat
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

    def read(self, fact: Fact, now: datetime) -> Reading:
        """Return a fact as SQL over a row of the census."""
        return self.seats[fact].read(now)

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
    """Return what the census can tell now; two queries."""
    # The version first: should the slots change in between, a statement finds it outdated.
    layout = Layout.objects.filter(pk=LAYOUT).first()
    if layout is None:
        return NO_PLAN
    seats = (usable(slot) for slot in Slot.objects.filter(is_filled=True))
    held = {one.fact: one for one in seats if one is not None}
    return Plan(layout.version, layout.day, layout.is_turned, held)


def usable(slot: Slot) -> Seat | None:
    """Return the seat; None where its fact is read in another way than when it got there."""
    made = seat(read_back(slot.fact), number=slot.number)
    was = (slot.shape, slot.made_by)
    return made if made and (made.shape, made.made_by) == was else None
