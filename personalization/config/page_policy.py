"""What a page may load, and from where."""

from collections.abc import Sequence
from typing import Any


def content_security_policy(*, image_origins: Sequence[str]) -> dict[str, Any]:
    """Return the policy that pages carry, as django-csp reads it.

    Should HTML of a variation ever get past the sanitiser, no script in it runs.
    """
    return {
        # Their own pages need inline scripts, and show nothing a visitor or marketer wrote
        # unsanitised.
        "EXCLUDE_URL_PREFIXES": ["/admin/", "/api/docs"],
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "script-src": ["'self'"],
            "style-src": ["'self'", "'unsafe-inline'"],
            "img-src": ["'self'", *image_origins],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            "form-action": ["'self'"],
            "frame-ancestors": ["'none'"],
        },
    }
