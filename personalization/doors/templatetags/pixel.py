"""`{% pixel %}`, for the templates of e-mails."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from personalization.doors.pixel import pixel_address

register = template.Library()


@register.simple_tag
def pixel(
    type: str,
    *,
    user_id: str = "",
    anonymous_id: str = "",
    once: str = "",
    host: str = "",
    **properties: Any,
) -> SafeString:
    """Show the pixel of one person; `settings.COLLECT_KEY` goes into its address."""
    address = pixel_address(
        key=settings.COLLECT_KEY,
        type=type,
        user_id=user_id,
        anonymous_id=anonymous_id,
        once=once,
        host=host,
        properties={name: str(value) for name, value in properties.items()},
    )
    return format_html('<img src="{}" width="1" height="1" alt="">', address)
