"""Give each request its visitor and its page of decisions, and log what was shown."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from personalization.decisions.exposing import log_exposures
from personalization.decisions.pages import Page
from personalization.decisions.visitors import Visitor


class VisitorMiddleware:
    """Set `request.visitor` and `request.page`; runs after sessions and ConsentMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then log the exposures of the page in one write."""
        visitor = Visitor(
            anonymous_id=request.consent_id or "",  # type: ignore[attr-defined]  # ConsentMiddleware
            user_id=_user_id(request),
        )
        page = Page(request, visitor)
        request.visitor = visitor  # type: ignore[attr-defined]
        request.page = page  # type: ignore[attr-defined]
        response = self.get_response(request)
        if page.decisions:
            # What one visitor sees must never be served to the next by a cache.
            response.headers.setdefault("Cache-Control", "private, no-store")
            log_exposures(page)
        return response


def _user_id(request: HttpRequest) -> str:
    # A visitor without a session is not given one, nor is the database asked.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    stated = request.session.get("user_id")
    if stated:
        return str(stated)
    user = request.user
    return user.get_username() if user.is_authenticated and not user.is_staff else ""
