"""How the admin looks, and what stands in its menu."""

from typing import Any, Final

from django.templatetags.static import static

ADMIN_LOOK: Final[dict[str, Any]] = {
    "SITE_TITLE": "Personalization",
    "SITE_HEADER": "Personalization",
    "SITE_SYMBOL": "tune",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("catalog/favicon.svg"),
        }
    ],
    "STYLES": [lambda request: static("config/admin.css")],
    "SCRIPTS": [lambda request: static("config/admin.js")],
    "SHOW_HISTORY": True,
    "SIDEBAR": {
        "show_search": True,
        "navigation": "personalization.config.navigation.navigation",
    },
}
