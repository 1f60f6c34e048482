"""What marketers write, made safe to put on a page."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

import nh3
from django.core.exceptions import ValidationError

TEMPLATE_MARKS: Final = ("{{", "{%", "{#")
LISTED: Final = (
    "a abbr b blockquote br caption code dd div dl dt em figcaption figure h2 h3 h4 hr i img li ol"
    " p s section small span strong sub sup table tbody td th thead tr u ul"
)
TAGS: Final = frozenset(LISTED.split())
EVERYWHERE: Final = frozenset({"class", "title", "lang"})
ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "a": frozenset({"href"}),
    "img": frozenset({"src", "alt", "width", "height", "loading"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
}
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})


def sanitise(html: str) -> str:
    """Return the HTML without anything that could run code, load styles or frame a page."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes={"*": set(EVERYWHERE), **{tag: set(names) for tag, names in ATTRIBUTES.items()}},
        url_schemes=set(SCHEMES),
    ).strip()


def removed_parts(html: str) -> list[str]:
    """Return what `sanitise` takes out of this HTML, such as "<script>" or "onclick"."""
    found = _Parts()
    found.feed(html)
    found.close()
    return sorted(found.refused)


def check_no_template_code(text: str) -> None:
    """Refuse template code: it would be shown to visitors, or worse, be run."""
    for mark in TEMPLATE_MARKS:
        if mark in text:
            raise ValidationError(
                f"Remove “{mark}”: template code does not work here. Write plain words or HTML."
            )


def check_link(link: str) -> None:
    """Refuse a link that leads anywhere but to this site or to a web address."""
    if any(character.isspace() or not character.isprintable() for character in link):
        raise ValidationError("Remove the blanks from the link.")
    if not (_is_own_page(link) or _is_web_address(link)):
        raise ValidationError(
            "Begin the link with “/” for a page of this shop, or with “https://” for another site."
        )


def _is_own_page(link: str) -> bool:
    # Browsers read "//" and "/\" as the start of another site's address.
    return link.startswith("/") and not link.startswith(("//", "/\\"))


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "\\" not in link


class _Parts(HTMLParser):
    """Notes tags and attributes that are not allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.refused.add(f"<{tag}>")
            return
        allowed = EVERYWHERE | ATTRIBUTES.get(tag, frozenset())
        self.refused.update(name for name, _ in attrs if name not in allowed)
        self.refused.update(
            f"{value}" for name, value in attrs if name in ("href", "src") and _is_unsafe(value)
        )


def _is_unsafe(address: str | None) -> bool:
    scheme, colon, _ = (address or "").partition(":")
    return bool(colon) and scheme.strip().lower() not in SCHEMES and "/" not in scheme
