"""UCI Online Retail as a catalogue feed and an event feed; pure functions over invoice lines."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from catalog.demo.naming import is_name, nice_name
from catalog.demo.shelves import shelf_of
from catalog.demo.tagging import tags_of
from catalog.feed_rows import category_key

PRODUCT_CODE: Final = re.compile(r"^\d{5}[A-Z]{0,2}$")
CANCELLATION: Final = "C"
# The shop's clock; events carry UTC.
SHOP_ZONE: Final = ZoneInfo("Europe/London")
UTC: Final = ZoneInfo("UTC")
CURRENCY: Final = "GBP"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of the file, as it stands there; `number` counts from 2, after the header."""

    number: int
    invoice: str
    stock_code: str
    description: str
    quantity: int
    invoiced_at: str
    unit_price: float
    customer: str
    country: str
    # Which of the invoice's lines of this product it is.
    nth: int = 1

    @property
    def item_id(self) -> str:
        """The product code; the file writes some of them in both cases."""
        return self.stock_code.strip().upper()

    @property
    def is_cancellation(self) -> bool:
        """Whether the line takes back something sold before."""
        return self.invoice.startswith(CANCELLATION)


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One line of the catalogue feed."""

    item_id: str
    name: str
    price: float
    category: str
    tags: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the line as `manage.py import_catalog` reads it."""
        return {
            "item_id": self.item_id,
            "name": self.name,
            "price": self.price,
            "currency": CURRENCY,
            "category": self.category,
            "tags": list(self.tags),
            "available": True,
        }


@dataclass(slots=True)
class _Sightings:
    """What was read of one product code."""

    names: Counter[str] = field(default_factory=Counter)
    prices: Counter[float] = field(default_factory=Counter)


def read_lines(rows: Iterable[list[str]]) -> Iterator[InvoiceLine]:
    """Yield the invoice lines of the file's rows, its header left out."""
    numbered = enumerate(rows, start=1)
    next(numbered, None)
    of_item: Counter[str] = Counter()
    read = ""
    for number, (invoice, code, description, quantity, at, price, customer, country) in numbered:
        if invoice != read:
            of_item, read = Counter(), invoice
        line = InvoiceLine(
            number, invoice, code, description, int(quantity), at, float(price), customer, country
        )
        of_item[line.item_id] += 1
        yield replace(line, nth=of_item[line.item_id])


def catalogue_of(lines: Iterable[InvoiceLine]) -> dict[str, CatalogueItem]:
    """Return the products by item id: those that ever had a name and a price."""
    seen: dict[str, _Sightings] = defaultdict(_Sightings)
    for line in lines:
        if PRODUCT_CODE.match(line.item_id) and line.unit_price > 0:
            sightings = seen[line.item_id]
            sightings.prices[line.unit_price] += 1
            sightings.names[line.description] += 1
    items = (_item(code, sightings) for code, sightings in sorted(seen.items()))
    return {item.item_id: item for item in items if item is not None}


def event_of(
    line: InvoiceLine, *, items: Mapping[str, CatalogueItem], shift: timedelta
) -> dict[str, Any]:
    """Return the event of one invoice line, `shift` later; raises NotAnEventError and why."""
    for reason, applies in REFUSALS.items():
        if applies(line, items):
            raise NotAnEventError(reason)
    who = {"user_id": line.customer} if line.customer else {"anonymous_id": f"guest-{line.invoice}"}
    return {
        "message_id": f"online-retail-{line.number}",
        "type": "refund" if line.is_cancellation else "purchase",
        "occurred_at": _in_utc(line.invoiced_at, shift),
        **who,
        "properties": {
            "order_id": line.invoice,
            **({"order_line": line.nth} if line.nth > 1 else {}),
            "item_id": line.item_id,
            "quantity": abs(line.quantity),
            "price": line.unit_price,
            "currency": CURRENCY,
            "category": category_key(items[line.item_id].category),
        },
        "traits": {"country": line.country},
    }


class NotAnEventError(ValueError):
    """An invoice line that says nothing about what a customer bought; the text is the reason."""


# The first reason that applies is the one reported.
REFUSALS: Final[Mapping[str, Callable[[InvoiceLine, Mapping[str, CatalogueItem]], bool]]] = {
    "service code, not a product": lambda line, _: not PRODUCT_CODE.match(line.item_id),
    "stock correction, not a sale": lambda line, _: line.quantity < 0 and not line.is_cancellation,
    "no units": lambda line, _: line.quantity == 0,
    "no price": lambda line, _: line.unit_price <= 0,
    "no date": lambda line, _: not line.invoiced_at,
    "product without a name": lambda line, items: line.item_id not in items,
}


def shift_to_yesterday(*, last_invoice: date, now: datetime) -> timedelta:
    """Return how far the calendar moves, in whole days, so that the last invoice was yesterday."""
    yesterday = now.astimezone(SHOP_ZONE).date() - timedelta(days=1)
    return yesterday - last_invoice


def _item(code: str, sightings: _Sightings) -> CatalogueItem | None:
    names = [(count, name) for name, count in sightings.names.items() if is_name(name)]
    if not names:
        return None
    name = nice_name(max(names)[1])
    return CatalogueItem(
        item_id=code,
        name=name,
        price=_median(sightings.prices),
        category=shelf_of(name),
        tags=tags_of(name),
    )


def _median(prices: Counter[float]) -> float:
    middle, passed = prices.total() / 2, 0
    for price in sorted(prices):
        passed += prices[price]
        if passed >= middle:
            break
    # A few products cost a fraction of a penny; the shop sells nothing for nothing.
    return max(round(price, 2), 0.01)


# Some 20,000 invoices hold all 435,000 lines, one after the other.
@lru_cache(maxsize=64)
def _in_utc(local: str, shift: timedelta) -> str:
    moved = (datetime.fromisoformat(local) + shift).replace(tzinfo=SHOP_ZONE)
    return moved.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
