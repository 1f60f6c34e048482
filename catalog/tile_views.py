"""Drawn tiles as images that browsers keep."""

import hashlib
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog.models import Category, Item
from catalog.tiles import draw_category_tile, draw_tile

MONTH: Final = 30 * 24 * 3600


@require_safe
def item_tile(request: HttpRequest, item_id: str) -> HttpResponseBase:
    """Return the tile of an item."""
    item = get_object_or_404(Item.objects.select_related("category"), item_id=item_id)
    return _image(
        request, draw_tile(item_id=item.item_id, name=item.name, category=item.category.key)
    )


@require_safe
def category_tile(request: HttpRequest, key: str) -> HttpResponseBase:
    """Return the tile of a category."""
    category = get_object_or_404(Category, key=key)
    return _image(request, draw_category_tile(key=category.key, name=category.name))


def _image(request: HttpRequest, svg: str) -> HttpResponseBase:
    etag = f'"{hashlib.blake2b(svg.encode(), digest_size=8).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={MONTH}"}
    response = HttpResponse(svg, content_type="image/svg+xml", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response
