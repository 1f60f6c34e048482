"""{% load consent %}: the banner, and the way back to the choices."""

from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from consent.choosing import make_token
from consent.visiting import choices_in_force, read_cookie

register = template.Library()


@register.inclusion_tag("consent/banner.html", takes_context=True)
def consent_banner(context: Context) -> dict[str, Any]:
    """Ask a visitor who has not chosen yet; empty for others, and where the choices are anyway."""
    request = context.get("request")
    if request is None or choices_in_force(request, read_cookie(request)):
        return {"is_shown": False}
    match = request.resolver_match
    return {
        "is_shown": match is None or match.view_name != "consent:choices",
        "gpc": getattr(request, "gpc", False),
        "token": make_token(),
        "next": request.get_full_path(),
    }


@register.simple_tag
def privacy_choices_link(text: str = "Privacy choices") -> SafeString:
    """Link to the page on which choices are seen, changed and withdrawn."""
    return format_html(
        '<a class="privacy-choices-link" href="{}">{}</a>', reverse("consent:choices"), text
    )
