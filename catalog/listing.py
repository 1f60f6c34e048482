"""Items for lists: the ones that can be bought, in the order in which they were asked for."""

from collections.abc import Sequence

from catalog.models import Item


def items_by_ids(item_ids: Sequence[str]) -> list[Item]:
    """Return the available items of these ids, in that order, with their categories; one query."""
    if not item_ids:
        return []
    available = Item.objects.filter(is_available=True).select_related("category")
    found = available.in_bulk(list(item_ids), field_name="item_id")
    return [found[item_id] for item_id in item_ids if item_id in found]


def first_of_each_category() -> list[Item]:
    """Return one available item of each category, in the menu's order."""
    available = Item.objects.filter(is_available=True).select_related("category")
    return list(
        available.order_by("category__position", "category_id", "item_id").distinct(
            "category__position", "category_id"
        )
    )
