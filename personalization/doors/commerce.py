"""What the e-commerce events of Segment and Google are here, line by line."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.conf import settings

from personalization.doors.flattening import plain_properties
from personalization.events.keepable import EventRefused

# Names of Segment's e-commerce specification, old and new, in snake_case.
SEGMENT_TYPES: Final[Mapping[str, str]] = {
    "product_viewed": "item_view",
    "viewed_product": "item_view",
    "product_clicked": "item_click",
    "clicked_product": "item_click",
    "product_added": "add_to_cart",
    "added_product": "add_to_cart",
    "wishlist_product_added_to_cart": "add_to_cart",
    "product_removed": "remove_from_cart",
    "removed_product": "remove_from_cart",
    "product_added_to_wishlist": "add_to_wishlist",
    "product_removed_from_wishlist": "remove_from_wishlist",
    "product_list_viewed": "list_view",
    "viewed_product_category": "list_view",
    "product_list_filtered": "list_filter",
    "products_searched": "search",
    "searched_products": "search",
    "cart_viewed": "cart_view",
    "viewed_cart": "cart_view",
    "checkout_started": "begin_checkout",
    "started_order": "begin_checkout",
    "payment_info_entered": "add_payment_info",
    "order_completed": "purchase",
    "completed_order": "purchase",
    "order_refunded": "refund",
    "refunded_order": "refund",
    "promotion_viewed": "promotion_view",
    "viewed_promotion": "promotion_view",
    "promotion_clicked": "promotion_click",
    "clicked_promotion": "promotion_click",
    "email_opened": "email_open",
    "email_link_clicked": "email_click",
}
# Google's recommended events; the names that are not here are ours already.
GA4_TYPES: Final[Mapping[str, str]] = {
    "view_item": "item_view",
    "select_item": "item_click",
    "view_item_list": "list_view",
    "view_search_results": "search",
    "view_cart": "cart_view",
    "view_promotion": "promotion_view",
    "select_promotion": "promotion_click",
}
# Of these there is one event for each item.
PER_ITEM: Final = frozenset(
    {
        "item_view",
        "item_click",
        "add_to_cart",
        "remove_from_cart",
        "add_to_wishlist",
        "remove_from_wishlist",
        "purchase",
        "refund",
    }
)
# Others name the items they were about, and are one event.
ABOUT_ITEMS: Final = frozenset(
    {
        "list_view",
        "list_filter",
        "cart_view",
        "begin_checkout",
        "add_shipping_info",
        "add_payment_info",
        "promotion_view",
        "promotion_click",
        "search",
    }
)
# Where each of our properties is looked for, the first that is there.
OTHER_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "category": ("category", "item_category"),
    "order_id": ("order_id", "transaction_id"),
    "value": ("revenue", "total", "value"),
    "query": ("query", "search_term"),
}
UNKNOWN_CURRENCY: Final = "currency_as_sent"
MONEY: Final = frozenset({"price", "value"})
NAMED_LISTS: Final = ("products", "items")
# As many as Google takes; each line of an order becomes an event.
MOST_LINES: Final = 200
TOO_MANY_LINES: Final = (
    f"Use at most {MOST_LINES} lines in one event, and send the rest in another."
)
# A longer text of an order, and what is nested in it, is kept with its first line only.
LONGEST_SHARED: Final = 100


def commerce_properties(kind: str, stated: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the properties of each event that this call stands for, at least one.

    kind: our event type. An order becomes one event for each of its lines, all with its
    `order_id`. What is stated of the whole order is not money of each line: it is kept as
    `order_value`, and counts, on the first line, only where no line says its own price. Money in
    a currency that there is not is kept as it was sent, and is no money. Long texts and what is
    nested in the order go with its first line alone. Raises EventRefused for too many lines.
    """
    _refuse_many_lines(stated)
    return [_in_known_money(one) for one in _each_event(kind, stated)]


def _refuse_many_lines(stated: Mapping[str, Any]) -> None:
    lines = 0
    for name in NAMED_LISTS:
        listed = stated.get(name)
        lines += len(listed) if isinstance(listed, list) else 0
        if lines > MOST_LINES:
            raise EventRefused(f"properties.{name}", TOO_MANY_LINES)


def _each_event(kind: str, stated: Mapping[str, Any]) -> list[dict[str, Any]]:
    if kind not in PER_ITEM | ABOUT_ITEMS:
        return [plain_properties(stated)]
    lines = list(_lines(stated))
    whole = plain_properties(
        _renamed({name: value for name, value in stated.items() if name not in NAMED_LISTS})
    )
    if kind in ABOUT_ITEMS or not lines:
        item_ids = [line["item_id"] for line in lines if "item_id" in line]
        return [{**_itself(kind, whole), **({"items": item_ids} if item_ids else {})}]
    return list(_each(list(_numbered(lines)) if "order_id" in whole else lines, whole))


def _in_known_money(properties: dict[str, Any]) -> dict[str, Any]:
    """Return them as they are, or, without a currency, with no amount that could be added up."""
    if UNKNOWN_CURRENCY not in properties:
        return properties
    return {f"{n}_as_sent" if n in MONEY else n: value for n, value in properties.items()}


def _lines(stated: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in NAMED_LISTS:
        listed = stated.get(name)
        for line in listed if isinstance(listed, list) else []:
            if isinstance(line, Mapping):
                yield plain_properties(_with_item_id(_renamed(line)))


def _numbered(lines: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the lines; of an item that has several, the further ones say which they are."""
    so_far: Counter[Any] = Counter()
    for line in lines:
        item = str(line.get("item_id", ""))
        so_far[item] += 1
        number = {"order_line": so_far[item]} if so_far[item] > 1 else {}
        yield {**number, **line}


def _each(lines: list[dict[str, Any]], whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    about_order = {name: value for name, value in whole.items() if name not in ("price", "value")}
    order_value = whole.get("value")
    if order_value is not None:
        about_order["order_value"] = order_value
    shared = {name: value for name, value in about_order.items() if _is_short(value)}
    for nth, line in enumerate(lines):
        # A line may be worth what it says of itself; "value" would be taken for the line's total.
        merged = {
            **(shared if nth else about_order),
            **{k: v for k, v in line.items() if k != "value"},
        }
        if nth == 0 and order_value is not None and not any("price" in one for one in lines):
            merged["value"] = order_value
        yield merged


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_SHARED
    return not isinstance(value, list | Mapping)


def _itself(kind: str, whole: dict[str, Any]) -> dict[str, Any]:
    return plain_properties(_with_item_id(whole)) if kind in PER_ITEM else whole


def _renamed(stated: Mapping[str, Any]) -> dict[str, Any]:
    names = plain_properties(stated)
    for ours, candidates in OTHER_NAMES.items():
        found = next((name for name in candidates if name in names), None)
        if found is not None and found != ours:
            names[ours] = names.pop(found)
    return names


def _with_item_id(names: dict[str, Any]) -> dict[str, Any]:
    found = next((name for name in settings.EVENT_ITEM_ID_FIELDS if name in names), None)
    return {**names, "item_id": names[found]} if found else names
