"""Items that a shop's own system states, a batch at a time: whole, or the parts that change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.feed_lines import FeedLine
from catalog.feed_rows import FIELDS, ITEM_ID
from catalog.importing import import_catalog
from catalog.models import Item

# What may be stated alone of an item that is known.
CHANGING: Final = (
    *("price", "currency", "available"),
    *("sale_price", "sale_starts_at", "sale_ends_at"),
)


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """Why the item at `index` was not taken."""

    index: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a batch."""

    created: int
    changed: int
    unchanged: int
    refused: tuple[RefusedItem, ...]


def put_items(stated: Sequence[Any], *, now: datetime) -> Put:
    """Create or update these items; one that is wrong is refused and never stops the rest."""
    return _put(stated, allowed=FIELDS, now=now)


def change_items(stated: Sequence[Any], *, now: datetime) -> Put:
    """Change price, sale, currency or availability of known items; all else of them stays."""
    codes = [c for one in stated if _names_item(one) and ITEM_ID.fullmatch(c := one["item_id"])]
    known = Item.objects.select_related("category").in_bulk(codes, field_name="item_id")
    whole = [_completed(one, known) if _names_item(one) else one for one in stated]
    unknown = [
        RefusedItem(index, "item_id", "There is no such item. Put it first.")
        for index, one in enumerate(stated)
        if _names_item(one) and one["item_id"] not in known
    ]
    return _put(whole, allowed=("item_id", *CHANGING), refused=unknown, now=now)


def _put(
    stated: Sequence[Any],
    *,
    allowed: Sequence[str],
    now: datetime,
    refused: Sequence[RefusedItem] = (),
) -> Put:
    misshapen = list(_misshapen(stated, allowed))
    left_out = {one.index for one in (*refused, *misshapen)}
    lines = [
        FeedLine(index, one.stated if isinstance(one, Completed) else one)
        for index, one in enumerate(stated)
        if index not in left_out
    ]
    report = import_catalog(lines=lines, now=now, refusals_kept=len(lines))
    wrong = [
        RefusedItem(one.line, one.field, f"{one.field} {one.message}.") for one in report.refusals
    ]
    every = sorted((*refused, *misshapen, *wrong), key=lambda one: one.index)
    return Put(report.created, report.changed, report.unchanged, tuple(every))


@dataclass(frozen=True, slots=True)
class Completed:
    """What was stated of a known item, and the whole item that comes of it."""

    said: Mapping[str, Any]
    stated: Mapping[str, Any]


def _names_item(one: Any) -> bool:
    return isinstance(one, Mapping) and isinstance(one.get("item_id"), str)


def _completed(one: Mapping[str, Any], known: Mapping[str, Item]) -> Any:
    item = known.get(one["item_id"])
    if item is None:
        return one
    before = {
        "name": item.name,
        "price": str(item.price),
        "currency": item.currency,
        "category": item.category.key,
        "tags": item.tags,
        "available": item.is_available,
        "sale_price": None if item.sale_price is None else str(item.sale_price),
        "sale_starts_at": item.sale_starts_at and item.sale_starts_at.isoformat(),
        "sale_ends_at": item.sale_ends_at and item.sale_ends_at.isoformat(),
        "description": item.description,
        "url": item.url,
        "image_url": item.image_url,
        "brand": item.brand,
        "gtin": item.gtin,
    }
    return Completed(one, {**before, **one})


def _misshapen(stated: Sequence[Any], allowed: Sequence[str]) -> Iterator[RefusedItem]:
    for index, one in enumerate(stated):
        said = one.said if isinstance(one, Completed) else one
        if not isinstance(said, Mapping):
            yield RefusedItem(index, "", "An item is a JSON object.")
        elif unknown := sorted(set(said) - set(allowed)):
            message = f"There is no such field. Use: {', '.join(allowed)}."
            yield RefusedItem(index, unknown[0], message)
