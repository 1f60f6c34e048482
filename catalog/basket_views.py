"""Basket, checkout and thanks."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.basket import ORDER, add_to_basket, basket_of, place_order, remove_from_basket
from catalog.models import Item
from catalog.same_site import from_this_site

TRACKED: Final = ("item_id", "quantity", "price", "category")


@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """Show the basket."""
    return render(request, "storefront/basket.html", {"basket": basket_of(request.session)})


@from_this_site
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put an item into the basket."""
    item = get_object_or_404(Item, item_id=request.POST.get("item", "")[:64], is_available=True)
    add_to_basket(request.session, item=item, quantity=_quantity(request))
    return redirect("shop:basket")


@from_this_site
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take an item out of the basket."""
    remove_from_basket(request.session, item_id=request.POST.get("item", ""))
    return redirect("shop:basket")


@from_this_site
@require_POST
def checkout(request: HttpRequest) -> HttpResponse:
    """Place the order; nothing is charged in the demo."""
    return redirect("shop:thanks" if place_order(request.session) else "shop:basket")


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Thank for the order, and hand it to the tracker.

    Shown again, it tells the tracker the same order, whose messages are stored once.
    """
    order = request.session.get(ORDER)
    if order is None:
        return redirect("shop:home")
    tracked = {
        "order_id": order["order_id"],
        "items": [{name: line[name] for name in TRACKED} for line in order["items"]],
    }
    return render(request, "storefront/thanks.html", {"order": order, "tracked": tracked})


def _quantity(request: HttpRequest) -> int:
    stated = request.POST.get("quantity", "1")
    # isdecimal also holds for digits of other scripts, which int reads.
    return int(stated) if stated.isdecimal() and len(stated) < 4 else 1  # noqa: PLR2004
