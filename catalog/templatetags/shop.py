"""{% load shop %}: what every page of the shop has around it."""

from decimal import Decimal
from typing import Any, Final

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse

from catalog.basket import units_in
from catalog.demo.switching import is_demo, persona_of, personas
from catalog.listing import first_of_each_category
from catalog.models import Category, Item

register = template.Library()

SYMBOLS: Final = {"GBP": "£", "EUR": "€", "USD": "$"}


@register.filter
def money(amount: Decimal | str, currency: str) -> str:
    """Return a price as it is written: "£2.55", "20.00 SEK"."""
    number = f"{Decimal(amount):,.2f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency}"


@register.simple_tag
def picture(item: Item) -> str:
    """Return the address of the item's picture, or else of the tile that is drawn for it."""
    return item.picture or reverse("shop:tile", args=[item.item_id])


@register.simple_tag
def shop_categories() -> list[Category]:
    """Return the categories in the menu's order."""
    return list(Category.objects.all())


@register.simple_tag
def first_items(limit: int) -> list[Item]:
    """Return items for a list that nothing else can fill: the first of each category."""
    return first_of_each_category()[:limit]


@register.simple_tag(takes_context=True)
def basket_units(context: Context) -> int:
    """Return how many things are in the basket; a visitor without a session has none."""
    request: HttpRequest | None = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return 0
    return units_in(request.session)


@register.inclusion_tag("storefront/partials/switcher.html", takes_context=True)
def demo_switcher(context: Context) -> dict[str, Any]:
    """{% demo_switcher %}: who the visitor is, and whom to step into; nothing outside the demo."""
    request: HttpRequest | None = context.get("request")
    if request is None or not is_demo():
        return {"is_shown": False}
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return {
        "is_shown": True,
        "current": persona_of(request.session) if has_session else None,
        "personas": personas(),
    }
