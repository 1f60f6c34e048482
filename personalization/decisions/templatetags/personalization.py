"""{% load personalization %}: what storefront developers put on their pages."""

import logging
from typing import Any, Final

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.listing import items_by_ids
from catalog.models import Item
from consent.checking import UNKNOWN
from personalization.content.rendering import render_variation
from personalization.decisions.explaining import explain
from personalization.decisions.pages import Page

register = template.Library()
logger = logging.getLogger(__name__)

MAX_ITEMS: Final = 100


class PlacementNode(Node):
    """Shows what was decided for a placement, or the fallback between its tags."""

    child_nodelists = ("fallback",)

    def __init__(self, key: FilterExpression, fallback: NodeList) -> None:
        self.key = key
        self.fallback = fallback

    def render(self, context: Context) -> SafeString:
        """Return the block; a fault shows the fallback and is logged."""
        key = str(self.key.resolve(context))
        page = _page(context)
        decision = page.decide(key) if page else None
        shown = decision.as_json() if decision and decision.activity else {}
        return format_html(
            '<div class="placement" data-placement="{}" data-activity="{}" data-variation="{}" '
            'data-decision="{}" data-reason="{}">{}</div>',
            key,
            *(shown.get(name) or "" for name in ("activity", "variation", "id")),
            decision.reason.code if decision else "unavailable",
            self._variation(context, decision) or self.fallback.render(context),
        )

    def _variation(self, context: Context, decision: Any) -> SafeString | None:
        if decision is None or decision.variation is None:
            return None
        try:
            items = items_by_ids(decision.item_ids) if decision.item_ids else []
            return render_variation(
                decision.variation,
                items=items,
                request=context.get("request"),
                activity=decision.activity.key,
            )
        except Exception:
            logger.exception("The variation of %r cannot be shown.", decision.placement)
            return None


@register.tag("placement")
def placement(parser: Parser, token: Token) -> PlacementNode:
    """{% placement "home_hero" %}fallback{% endplacement %}."""
    parts = token.split_contents()
    if len(parts) != 2:  # noqa: PLR2004  # the tag and its one argument
        raise template.TemplateSyntaxError('Write {% placement "key" %}fallback{% endplacement %}.')
    fallback = parser.parse(("endplacement",))
    parser.delete_first_token()
    return PlacementNode(parser.compile_filter(parts[1]), fallback)


@register.simple_tag(takes_context=True)
def recommendations(
    context: Context,
    name: str,
    strategy: str = "recommended",
    limit: int = 8,
    item: str | None = None,
) -> list[Item]:
    """{% recommendations "home" limit=8 as items %}; empty where nothing can be recommended."""
    page = _page(context)
    if page is None:
        return []
    limit = min(limit, MAX_ITEMS)
    decision = page.list_items(name, strategy=strategy, limit=limit, item_id=item)
    return items_by_ids(decision.item_ids)


@register.inclusion_tag("personalization/tracker.html", takes_context=True)
def tracker(context: Context) -> dict[str, Any]:
    """{% tracker %}: send what happens on the page, if the visitor agreed to it."""
    page = _page(context)
    choices = page.knowledge.choices if page else UNKNOWN
    user_id = page.visitor.user_id if page else ""
    return {
        "collect_key": settings.COLLECT_KEY,
        # Tells accounts on one browser apart, and leads to none of them.
        "visitor": salted_hmac("tracker", user_id).hexdigest()[:16] if user_id else "",
        "is_allowed": choices.allows("analytics") or choices.allows("personalization"),
    }


@register.inclusion_tag("personalization/why.html", takes_context=True)
def why(context: Context) -> dict[str, Any]:
    """{% why %}: a panel that says why each block above it was chosen."""
    page = _page(context)
    return {
        "explanations": [explain(decision, page=page) for decision in page.decisions]
        if page
        else [],
        "page": page,
    }


def _page(context: Context) -> Page | None:
    # Error pages and e-mails are rendered without a request.
    request: HttpRequest | None = context.get("request")
    return getattr(request, "page", None)
