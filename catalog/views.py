"""The shop's pages: each finds its items and lets the template ask what to personalize."""

from collections.abc import Mapping
from typing import Final

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.functions import MD5
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Category, Item
from catalog.searching import search_items, searchable

ITEMS_PER_PAGE: Final = 24
# What the visitor may sort by: the words in the menu, and the columns.
SORTS: Final[Mapping[str, tuple[str, tuple[str | MD5, ...]]]] = {
    # By name a shelf opens with twelve kinds of "10 …"; well shuffled it shows its breadth.
    "mixed": ("A bit of everything", (MD5("item_id"), "item_id")),
    "name": ("Name", ("name", "item_id")),
    "cheapest": ("Price, low to high", ("price_now", "item_id")),
    "dearest": ("Price, high to low", ("-price_now", "item_id")),
}
DEFAULT_SORT: Final = "mixed"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    return render(request, "storefront/home.html")


@require_safe
def category(request: HttpRequest, key: str) -> HttpResponse:
    """Show one category, a page at a time."""
    shelf = get_object_or_404(Category, key=key)
    sort = request.GET.get("sort", DEFAULT_SORT)
    _, columns = SORTS.get(sort, SORTS[DEFAULT_SORT])
    available = Item.objects.filter(category=shelf, is_available=True).select_related("category")
    items = available.with_price(now=timezone.now()).order_by(*columns)
    _state_context(request, category=shelf.key)
    return render(
        request,
        "storefront/category.html",
        {"shelf": shelf, "page": _page(request, items), "sorts": SORTS, "sort": sort},
    )


@require_safe
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """Show one item; one that is sold out is shown too, but cannot be bought."""
    shown = get_object_or_404(Item.objects.select_related("category"), item_id=item_id)
    _state_context(request, category=shown.category.key, item=shown.item_id)
    return render(request, "storefront/item.html", {"item": shown})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what was searched for."""
    text = searchable(request.GET.get("q", ""))
    page = _page(request, search_items(text))
    return render(request, "storefront/search.html", {"query": text, "page": page})


def _page(request: HttpRequest, items: QuerySet[Item]) -> Page[Item]:
    return Paginator(items, ITEMS_PER_PAGE).get_page(request.GET.get("page"))


def _state_context(request: HttpRequest, **facts: str) -> None:
    # Rules read this as the context of the request: "the category being viewed".
    request.personalization_context = facts  # type: ignore[attr-defined]
