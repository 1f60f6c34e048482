"""What the catalogue's tests share."""

from decimal import Decimal
from typing import Any, Protocol

import pytest

from catalog.models import Category, Item


class MakeItem(Protocol):
    """Make an item, and its category where there is none."""

    def __call__(self, item_id: str = ..., *, shelf: str = ..., **fields: Any) -> Item: ...


@pytest.fixture
def make_item(db: None) -> MakeItem:
    """Return a factory of items."""

    def make(item_id: str = "85123A", *, shelf: str = "garden", **fields: Any) -> Item:
        category, _ = Category.objects.get_or_create(key=shelf, defaults={"name": shelf.title()})
        defaults = {"name": f"Thing {item_id}", "price": Decimal("2.55"), "category": category}
        return Item.objects.create(item_id=item_id, **defaults | fields)

    return make
