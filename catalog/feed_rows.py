"""What one feed line must say about an item, and the sentence for each way of not saying it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.text import slugify

from catalog.currencies import currencies
from catalog.feed_prices import NO_SALE, RowError, Sale, stated_price, stated_sale
from catalog.feed_showing import NOT_STATED, Showing, stated_showing
from catalog.feed_words import CONTROL, required_text
from catalog.romanising import mark, romanised

FIELDS: Final = (
    *("item_id", "name", "price", "currency", "category", "tags", "available"),
    *("sale_price", "sale_starts_at", "sale_ends_at"),
    *("description", "url", "image_url", "brand", "gtin"),
)
DEFAULT_CURRENCY: Final = "GBP"
# Item codes stand in addresses, Redis keys and events.
ITEM_ID: Final = re.compile(r"[^\s/?#%\x00-\x1f\x7f\ud800-\udfff]{1,64}")
NAME_LENGTH: Final = 200
CATEGORY_LENGTH: Final = 80
KEY_LENGTH: Final = 64
TAG_LENGTH: Final = 40
MOST_TAGS: Final = 50
YES_NO: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "1", "yes", "y", "in stock", "in_stock"), True),
    **dict.fromkeys(("false", "0", "no", "n", "out of stock", "out_of_stock"), False),
}


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item as a feed states it; `category` is a name or a key."""

    item_id: str
    name: str
    price: Decimal
    category: str
    currency: str = DEFAULT_CURRENCY
    tags: tuple[str, ...] = ()
    is_available: bool = True
    sale: Sale = NO_SALE
    showing: Showing = NOT_STATED


def feed_item(stated: Mapping[str, Any]) -> FeedItem:
    """Return the item that a feed line states; raises RowError for the first thing wrong."""
    return FeedItem(
        item_id=_item_id(stated),
        name=required_text(stated, "name", longest=NAME_LENGTH),
        # The first thing wrong is the one that is named, so in this order.
        price=(price := stated_price(stated, "price")),
        sale=stated_sale(stated, price=price),
        category=_category(stated),
        currency=_currency(stated.get("currency")),
        tags=_tags(stated.get("tags")),
        is_available=_available(stated.get("available")),
        showing=stated_showing(stated),
    )


def category_key(name: str) -> str:
    """Return the key of a category of this name, as events and rules write it."""
    key = slugify(romanised(name))
    if len(key) <= KEY_LENGTH:
        return key
    return f"{key[: KEY_LENGTH - len(mark(name)) - 1]}-{mark(name)}"


def _category(stated: Mapping[str, Any]) -> str:
    name = required_text(stated, "category", longest=CATEGORY_LENGTH)
    if not category_key(name):
        raise RowError("category", "must have a letter or digit in it")
    return name


def _item_id(stated: Mapping[str, Any]) -> str:
    value = stated.get("item_id")
    # Feeds out of spreadsheets carry codes as numbers.
    text = str(value) if type(value) is int else required_text(stated, "item_id", longest=64)
    if not ITEM_ID.fullmatch(text):
        raise RowError("item_id", "must have no blanks and none of / ? # %")
    return text


def _currency(value: object) -> str:
    if value in (None, ""):
        return DEFAULT_CURRENCY
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in currencies():
        raise RowError("currency", "must be a code of ISO 4217 such as GBP")
    return code


def _tags(value: object) -> tuple[str, ...]:
    if value in (None, ""):
        return ()
    tags = value.split("|") if isinstance(value, str) else value
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise RowError("tags", 'must be a list of texts, or one text such as "red|wood"')
    kept = tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    if len(kept) > MOST_TAGS:
        raise RowError("tags", f"must be at most {MOST_TAGS}")
    if any(len(tag) > TAG_LENGTH or CONTROL.search(tag) for tag in kept):
        raise RowError("tags", f"must each be at most {TAG_LENGTH} plain characters")
    return kept


def _available(value: object) -> bool:
    if value is None or value == "":
        return True
    known = YES_NO.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if known is None:
        raise RowError("available", "must be true or false")
    return known
