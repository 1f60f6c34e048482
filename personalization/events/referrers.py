"""What kind of site a visitor comes from, told by its host."""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

# A country's own domain stands for the engine too: google.de, google.co.uk.
SUFFIX: Final = r"(com|[a-z]{2}|com?\.[a-z]{2})"
# Not every host of theirs searches: mail.google.com and mail.yahoo.com do not.
SEARCH: Final = re.compile(
    rf"((www|m|images|encrypted|cn|search|[a-z]{{2,3}}\.search|[a-z]{{2}}\.images\.search)\.)?"
    rf"(google|bing|yahoo|yandex|baidu)\.{SUFFIX}"
    r"|((www|html|lite|start|noai)\.)?duckduckgo\.com"
    r"|((www|lite)\.)?(ecosia\.org|qwant\.com|startpage\.com|ya\.ru)"
    r"|search\.(brave|naver)\.com"
    r"|com\.google\.android\.googlequicksearchbox"
)
SOCIAL: Final = re.compile(
    r"([a-z0-9-]+\.)*("
    r"(facebook|fb|instagram|linkedin|tiktok|reddit|youtube|twitter|x|vk|tumblr|snapchat)\.com"
    r"|t\.co|lnkd\.in|fb\.me|youtu\.be|redd\.it|pin\.it|bsky\.app|threads\.(net|com)"
    rf"|pinterest\.{SUFFIX}|mastodon\.[a-z]+"
    r")"
)
# Names that a site gives to another form of the same pages.
SAME_PAGES: Final = re.compile(r"^(www|m|mobile)\.")


def kind_of_referrer(source: SplitResult, *, host: str) -> str:
    """Return where the visitor comes from: internal, search, social or other.

    host: of the page they come to. Ours is the same site with or without `www.`, below or above
    it, and every origin in COLLECT_ORIGINS.
    """
    name = source.hostname or ""
    if _is_ours(name, host):
        return "internal"
    if SEARCH.fullmatch(name):
        return "search"
    return "social" if SOCIAL.fullmatch(name) else "other"


def _is_ours(name: str, host: str) -> bool:
    theirs, ours = _site(name), _site(urlsplit(f"//{host}").hostname or "")
    if not (theirs and ours):
        return False
    if theirs == ours or theirs.endswith(f".{ours}") or ours.endswith(f".{theirs}"):
        return True
    listed = {_site(urlsplit(origin).hostname or "") for origin in settings.COLLECT_ORIGINS}
    return {theirs, ours} <= listed


def _site(name: str) -> str:
    return SAME_PAGES.sub("", name.lower())
