"""The visitor's basket: item ids and quantities in the session, nothing before the first item."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase

from catalog.listing import items_by_ids
from catalog.models import Item

BASKET: Final = "basket"
ORDER: Final = "order"
MOST_OF_ONE: Final = 99
MOST_LINES: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One item in the basket."""

    item: Item
    quantity: int

    @property
    def total(self) -> Decimal:
        """What the line costs."""
        return self.item.current_price * self.quantity


@dataclass(frozen=True, slots=True)
class Basket:
    """What would be bought now; items that are no longer available are left out."""

    lines: Sequence[Line]

    @property
    def total(self) -> Decimal:
        """What everything costs."""
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def currency(self) -> str:
        """The currency of the basket; the demo's shop has one."""
        return self.lines[0].item.currency if self.lines else ""


def basket_of(session: SessionBase) -> Basket:
    """Return the basket with its items; one query, none where it is empty."""
    wanted = _quantities(session)
    items = items_by_ids(list(wanted))
    return Basket([Line(item, wanted[item.item_id]) for item in items])


def units_in(session: SessionBase) -> int:
    """Return how many things are in the basket; no query but the session's own."""
    return sum(_quantities(session).values())


def add_to_basket(session: SessionBase, *, item: Item, quantity: int) -> None:
    """Put an item into the basket, at most MOST_OF_ONE of it; a full basket stays as it is."""
    wanted = dict(_quantities(session))
    if item.item_id in wanted or len(wanted) < MOST_LINES:
        quantity += wanted.get(item.item_id, 0)
        session[BASKET] = wanted | {item.item_id: min(max(quantity, 1), MOST_OF_ONE)}


def remove_from_basket(session: SessionBase, *, item_id: str) -> None:
    """Take an item out of the basket, all of it."""
    session[BASKET] = {code: n for code, n in _quantities(session).items() if code != item_id}


def place_order(session: SessionBase) -> dict[str, Any] | None:
    """Turn the basket into an order, kept in the session for the thank-you page; None if empty."""
    basket = basket_of(session)
    if not basket.lines:
        return None
    order = {
        "order_id": f"web-{secrets.token_hex(6)}",
        "total": str(basket.total),
        "currency": basket.currency,
        "items": [_ordered(line) for line in basket.lines],
    }
    session[ORDER] = order
    session[BASKET] = {}
    return order


def _ordered(line: Line) -> dict[str, Any]:
    return {
        "item_id": line.item.item_id,
        "name": line.item.name,
        "quantity": line.quantity,
        "price": float(line.item.current_price),
        "category": line.item.category.key,
    }


def _quantities(session: SessionBase) -> Mapping[str, int]:
    kept: Mapping[str, int] = session.get(BASKET, {})
    return kept
