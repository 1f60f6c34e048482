"""Addresses of pages and pictures: which are ones, and which pictures a page may load."""

import re
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

LONGEST_ADDRESS: Final = 2_000
NO_ADDRESS: Final = "must be an address such as https://shop.example/1001"
# Browsers read a backslash as a slash: the host they reach is not the one that is read here.
UNFIT: Final = re.compile(r"[\s\x00-\x1f\x7f\"<>\\]")


def is_web_address(text: str) -> bool:
    """Return whether this is a whole http(s) address that names a host and no password."""
    parts = None if UNFIT.search(text) else _parts(text)
    return parts is not None and parts.scheme in ("http", "https") and "@" not in parts.netloc


def check_web_address(text: str) -> None:
    """Raise ValidationError where a form states no such address."""
    if not is_web_address(text):
        raise ValidationError(f"It {NO_ADDRESS}, without blanks.")


def may_be_loaded(address: str) -> bool:
    """Return whether pages may show the picture at this address: the policy they carry says so."""
    parts = _parts(address)
    return (
        parts is not None and f"{parts.scheme}://{parts.netloc.lower()}" in settings.IMAGE_ORIGINS
    )


def _parts(text: str) -> SplitResult | None:
    with suppress(ValueError):
        parts = urlsplit(text)
        # Reading the port is what finds one that is none.
        if parts.hostname and parts.port != 0:
            return parts
    return None
