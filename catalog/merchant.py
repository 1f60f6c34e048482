"""Items as Google Merchant feeds state them, in the words of our own feeds.

Attributes after Google's product data specification. A feed of the shop's own is left as it is.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from catalog.feed_rows import TAG_LENGTH

# What Google calls them, and what they are here.
RENAMED: Final[Mapping[str, str]] = {"id": "item_id", "title": "name"}
# Of these a feed may state several, by itself and in Google's words: the first is the item's own.
FIRST_OF: Final[Mapping[str, str]] = {
    "description": "description",
    "link": "url",
    "image_link": "image_url",
    "brand": "brand",
    "gtin": "gtin",
}
AVAILABLE: Final[Mapping[str, bool]] = {
    "in_stock": True,
    "limited_availability": True,
    "out_of_stock": False,
    # Can be looked at, but not bought now.
    "preorder": False,
    "backorder": False,
}
# Of several categories the shop's own says more than Google's.
CATEGORIES: Final = ("product_type", "google_product_category")
TAGGED: Final = (
    "brand",
    "color",
    "material",
    "pattern",
    "size",
    *(f"custom_label_{n}" for n in range(5)),
)
GROUP: Final = "item_group_id"
SALE_PERIOD: Final = "sale_price_effective_date"
READ: Final = frozenset(
    {
        *(*RENAMED, *FIRST_OF, *CATEGORIES, *TAGGED, GROUP),
        *("price", "sale_price", SALE_PERIOD, "availability"),
    }
)
# "12.00 GBP", "12.00GBP", "GBP 12.00", "1,299.00 USD"
PRICE: Final = re.compile(
    r"(?P<before>[A-Za-z]{3})?\s*(?P<amount>[\d.,]+)\s*(?P<behind>[A-Za-z]{3})?"
)
THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


def is_merchant_row(stated: Mapping[str, Any]) -> bool:
    """Return whether these are Google's attributes rather than ours."""
    names = {_plain_name(name) for name in stated}
    return "item_id" not in names and {"id", "title"} <= names


def our_words(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row as our own feeds would state it; what is not read stays under its name."""
    named = {_plain_name(name): value for name, value in stated.items()}
    ours = {name: value for name, value in named.items() if name not in READ}
    ours |= {RENAMED[name]: named[name] for name in RENAMED if name in named}
    for name, our_name in FIRST_OF.items():
        if texts := _texts(named.get(name)):
            ours[our_name] = texts[0]
    price = _price(named.get("price"))
    ours |= price | _sale(named, currency=price.get("currency"))
    if category := _category(named):
        ours["category"] = category
    if tags := _tags(named):
        ours["tags"] = tags
    if "availability" in named:
        ours["available"] = _available(named["availability"])
    return ours


def _plain_name(name: str) -> str:
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def _price(stated: Any) -> dict[str, Any]:
    found = PRICE.fullmatch(stated.strip()) if isinstance(stated, str) else None
    if found is None:
        return {} if stated is None else {"price": stated}
    amount = found["amount"]
    if THOUSANDS.fullmatch(amount):
        amount = amount.replace(",", "")
    currency = found["behind"] or found["before"]
    return {"price": amount, **({"currency": currency} if currency else {})}


def _sale(named: Mapping[str, Any], *, currency: str | None) -> dict[str, Any]:
    """Return the sale, whose period is written as two times with a slash between them."""
    if named.get("sale_price") is None:
        return {}
    sale = _price(named["sale_price"])
    if sale.get("currency", currency) != currency:
        # Left as it stands, it is refused; the number alone would be another price.
        return {"sale_price": named["sale_price"]}
    starts_at, _, ends_at = str(named.get(SALE_PERIOD) or "").partition("/")
    return {"sale_price": sale["price"], "sale_starts_at": starts_at, "sale_ends_at": ends_at}


def _category(named: Mapping[str, Any]) -> str:
    """Return the last part of "Home > Lighting > Lanterns"; a bare number names no category."""
    for name in CATEGORIES:
        paths = _texts(named.get(name))
        last = paths[0].split(">")[-1].strip() if paths else ""
        if last and not last.isdecimal():
            return last
    return ""


def _tags(named: Mapping[str, Any]) -> list[str]:
    tags = [text for name in TAGGED for text in _texts(named.get(name))]
    tags += [f"group {text}" for text in _texts(named.get(GROUP))]
    return [tag[:TAG_LENGTH] for tag in tags]


def _available(stated: Any) -> Any:
    text = str(stated).strip().lower().replace(" ", "_")
    return AVAILABLE.get(text, stated)


def _texts(stated: Any) -> list[str]:
    values = stated if isinstance(stated, list) else [stated]
    return [str(value).strip() for value in values if value is not None and str(value).strip()]
