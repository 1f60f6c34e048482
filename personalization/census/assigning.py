"""Give slots to the facts that are read most."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.db import transaction

from personalization.census.models import Layout, Slot
from personalization.census.planning import usable
from personalization.census.refreshing import locked_layout
from personalization.census.slots import SLOTS, Seat, seat, written
from personalization.rules.tree import Fact

FIRST: Final = 0


@transaction.atomic
def keep_facts(wanted: Sequence[Fact]) -> int:
    """Give a slot to each fact, the first ones before the others; return how many are new.

    A fact that has a slot keeps it, and one that is wanted no more gives it up only when there is
    no other. The new are read from the census once every row has them.
    """
    layout = locked_layout(wait=True)
    if layout is None or layout.cursor is not None:
        # Rows are being rewritten; another fact would begin that anew, and again and again.
        return 0
    held = {slot.fact: slot for slot in Slot.objects.all() if usable(slot) is not None}
    Slot.objects.exclude(pk__in=[slot.pk for slot in held.values()]).delete()
    seats = list(_seated(wanted))
    chosen = {written(one.fact) for one in seats}
    spare = [slot for text, slot in held.items() if text not in chosen]
    new = [one for one in seats if written(one.fact) not in held]
    for one in new:
        _place(one, held.values(), spare)
    if new:
        _fill(layout)
    return len(new)


def _seated(wanted: Iterable[Fact]) -> Iterator[Seat]:
    """Yield what can have a slot, of each shape as many as there are slots."""
    left = dict(SLOTS)
    for fact in dict.fromkeys(wanted):
        one = seat(fact, number=FIRST)
        if one is not None and left[one.shape]:
            left[one.shape] -= 1
            yield one


def _place(one: Seat, held: Iterable[Slot], spare: list[Slot]) -> None:
    taken = set(Slot.objects.filter(shape=one.shape).values_list("number", flat=True))
    free = [number for number in range(SLOTS[one.shape]) if number not in taken]
    if free:
        number = free[0]
    else:
        # As many are wanted as there are slots, so that one which is not wanted is among them.
        given_up = next(slot for slot in spare if slot.shape == one.shape)
        spare.remove(given_up)
        given_up.delete()
        number = given_up.number
    Slot.objects.create(shape=one.shape, number=number, fact=written(one.fact), made_by=one.made_by)


def _fill(layout: Layout) -> None:
    layout.version += 1
    layout.cursor = 0
    layout.save()
