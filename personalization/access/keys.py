"""Who is calling, and whether they may: DRF's default authentication and permission."""

import logging
import time
from typing import TYPE_CHECKING, Final, cast

from django.db import DatabaseError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework_api_key.permissions import KeyParser

from personalization.access.models import ApiKey

if TYPE_CHECKING:  # views read this module's classes while they are themselves being imported
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

# A revoked key is refused within this time in every process.
REMEMBERED_SECONDS: Final = 5.0
REMEMBERED_KEYS: Final = 1_000
_remembered: dict[str, tuple[float, ApiKey | None]] = {}


class ApiKeyAuthentication(BaseAuthentication):
    """Read `Authorization: Api-Key <key>`, or `?key=` where a browser cannot set headers."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """Return the key's row as `request.auth`; raises AuthenticationFailed on an unknown key."""
        stated = KeyParser().get(request) or request.query_params.get("key")
        if not stated:
            return None
        key = find_key(stated)
        if key is None:
            raise AuthenticationFailed("This key is unknown, revoked or expired.")
        return None, key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing key is answered with 401 rather than 403."""
        return "Api-Key"


class HasScope(BasePermission):
    """Let a key through whose scopes contain the view's `required_scope`."""

    message = "A key is needed: Authorization: Api-Key <key>."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Raise PermissionDenied naming the scope when the key lacks it."""
        key = request.auth
        if not isinstance(key, ApiKey):
            return False
        wanted = scopes_of(view)
        if not wanted & set(key.scopes):
            raise PermissionDenied(f"This key lacks the scope {' or '.join(sorted(wanted))}.")
        return True


def scopes_of(view: "APIView") -> frozenset[str]:
    """Return the scopes of which a view demands one; a view that names none lets nobody in."""
    required: str | tuple[str, ...] = getattr(view, "required_scope", ())
    return frozenset((required,) if isinstance(required, str) else required)


def find_key(stated: str) -> ApiKey | None:
    """Return the usable key behind this text, looked up at most every five seconds.

    While the database is away a key that was usable stays so: nobody can revoke it there either.
    Raises DatabaseError where nothing is remembered of it.
    """
    now = time.monotonic()
    checked_at, key = _remembered.get(stated, (float("-inf"), None))
    if now - checked_at < REMEMBERED_SECONDS:
        return key
    try:
        key = _look_up(stated)
    except DatabaseError as error:
        if key is None:
            raise
        logger.warning("Keys cannot be looked up; one that was usable stays so: %s", error)
        return key
    if len(_remembered) >= REMEMBERED_KEYS:
        _remembered.clear()  # guessed keys must not fill the memory
    _remembered[stated] = now, key
    return key


def _look_up(stated: str) -> ApiKey | None:
    if not stated.isascii() or "\x00" in stated:
        return None  # no key is written so, and not all of it is text to PostgreSQL
    try:
        key = cast(ApiKey, ApiKey.objects.get_from_key(stated))
    except ApiKey.DoesNotExist:
        return None
    return None if key.has_expired else key
