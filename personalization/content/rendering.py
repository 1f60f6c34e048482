"""A variation as the HTML of a page."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from catalog.models import Item
from personalization.content.rulesets import CompiledVariation

TEMPLATES: Final[Mapping[str, str]] = {
    "banner": "personalization/blocks/banner.html",
    "html": "personalization/blocks/html.html",
    "recommendations": "personalization/blocks/recommendations.html",
}


def render_variation(
    variation: CompiledVariation,
    *,
    items: Sequence[Item] | None = None,
    request: HttpRequest | None = None,
) -> SafeString:
    """Return the block; a list without items is empty, so that the page shows its fallback."""
    if variation.kind == "recommendations" and not items:
        return SafeString("")
    context = {"content": variation.content, "items": items or (), "variation": variation}
    return render_to_string(TEMPLATES[variation.kind], context, request=request)
