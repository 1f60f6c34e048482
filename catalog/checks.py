"""Say at the start which settings of the catalogue no browser would understand."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from catalog.addresses import is_web_address


def check_image_origins(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each of IMAGE_ORIGINS that is more or less than an origin."""
    return [
        Error(
            f"{origin!r} in IMAGE_ORIGINS is no origin.",
            hint="Write scheme and host in small letters, no path: https://cdn.shop.example.",
            id="catalog.E001",
        )
        for origin in settings.IMAGE_ORIGINS
        if not _is_origin(origin)
    ]


def _is_origin(stated: str) -> bool:
    if not is_web_address(stated):
        return False
    parts = urlsplit(stated)
    return stated == f"{parts.scheme}://{parts.netloc.lower()}"
