"""As what an event counts: an order is one purchase, however many lines and messages it has.

Nor does its money count twice, by however many doors it came: a page's tag and the shop's server
both tell of the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Protocol

from personalization.events.accepted import PRICED

# Bits of Event.counted. The further lines of an order add their money only. (4 was for visits.)
AS_ACT: Final = 1
IN_CATEGORY: Final = 2
# Its money was told before, if in another way: what is told by lines is told as a whole again.
MONEY_TOLD: Final = 8
# All of this line was told before: the event is kept, and adds nothing.
REPEATED: Final = 16
FIRST_LINE: Final = "1"


class Told(Protocol):
    """What an event, accepted or stored, tells of an order."""

    @property
    def type(self) -> str:
        """The event's type."""

    @property
    def properties(self) -> dict[str, Any]:
        """Among them the order's id and the line's."""

    @property
    def value(self) -> Any:
        """Its money; None where it tells none."""


@dataclass(frozen=True, slots=True)
class OrderKeys:
    """Digests of what is to be counted once of an order, for ever.

    `money` stands for any money of the order, `total` for money of the order as a whole, `line`
    for that of this line. The first statement of money says whether an order is told by its lines
    or as a whole; what is told in the other way is the same money again.
    """

    order: str
    category: str
    money: str
    total: str
    line: str
    is_total: bool

    @property
    def at_once(self) -> tuple[str, ...]:
        """Those that are seen whatever the event counts as."""
        return (self.order, self.money, self.line) if self.money else (self.order,)

    @property
    def every(self) -> tuple[str, ...]:
        """All digests, always in the same places; empty ones where no money is told."""
        return self.order, self.category, self.money, self.total, self.line


def order_keys(event: Told, *, profile_id: int, category: str) -> OrderKeys | None:
    """Return what is to be counted once; None for an event that is no order's.

    Only buying and refunding are: what else names an order, such as each attempt to pay, is an act
    of its own. Without money of its own an event has no keys of money: it tells none.
    """
    order_id = event.properties.get("order_id")
    if not order_id or event.type not in PRICED:
        return None
    order = f"{profile_id}\n{event.type}\n{order_id}"
    has_money, is_total = event.value is not None, _tells_total(event.properties)
    return OrderKeys(
        order=_digest(order),
        category=_digest(f"{order}\n{category}"),
        money=_digest(f"{order}\n\nmoney") if has_money else "",
        total=_digest(f"{order}\n\ntotal") if has_money else "",
        line=_digest(f"{order}\n\nline\n{_line(event.properties, is_total)}") if has_money else "",
        is_total=is_total,
    )


def told_before(keys: OrderKeys, *, unseen: set[str], totals: set[str]) -> int:
    """Return the bits of what was told before, and note that it is told now.

    unseen: keys that no earlier event had. totals: of orders that are told as a whole.
    """
    if not keys.money:
        return 0
    if take(keys.money, unseen) and keys.is_total:
        totals.add(keys.total)
    if not take(keys.line, unseen):
        return MONEY_TOLD | REPEATED
    return 0 if (keys.total in totals) == keys.is_total else MONEY_TOLD


def count_anew(orders: Sequence[OrderKeys]) -> Iterator[int]:
    """Yield the bits of each event of orders, in the order they came in, as if nothing was told."""
    unseen = {key for one in orders for key in one.every}
    totals: set[str] = set()
    for one in orders:
        told_as = told_before(one, unseen=unseen, totals=totals)
        is_act = take(one.order, unseen)
        in_category = not told_as & REPEATED and take(one.category, unseen)
        yield told_as | AS_ACT * is_act | IN_CATEGORY * in_category


def take(key: str, unseen: set[str]) -> bool:
    """Return whether nothing had this key, and note that something has."""
    is_new = key in unseen
    unseen.discard(key)
    return is_new


def order_digest(order_id: str) -> str:
    """Return under what the facts of a profile know one of its orders; empty for none."""
    return blake2b(order_id.encode(), digest_size=6).hexdigest() if order_id else ""


def _tells_total(properties: dict[str, Any]) -> bool:
    """Whether the money is that of a whole order, be it stated on its first line.

    What has a price is a line, though it names no item: the postage, say.
    """
    value = properties.get("value")
    is_of_item = properties.get("item_id") and value != properties.get("order_value")
    return value is not None and not is_of_item


def _line(properties: dict[str, Any], is_total: bool) -> str:
    item = "" if is_total else properties.get("item_id")
    return f"{item}\n{properties.get('order_line') or FIRST_LINE}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16, person=b"order").hexdigest()
