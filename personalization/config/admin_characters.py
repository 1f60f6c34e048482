"""Refuse what the database cannot be asked for, before a page of the admin asks it."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from personalization.config.errors import ADMIN, unreadable

# No text in PostgreSQL can have it.
NUL: Final = "\0"


class AdminCharactersMiddleware:
    """Answers NUL in the query or the form of any page of the admin with 400.

    Here and not in each page, filter and field, so that one written later cannot forget it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Answer in place of the page where the character was sent."""
        is_refused = request.path.startswith(ADMIN) and _has_nul(request)
        return unreadable(request) if is_refused else None


def _has_nul(request: HttpRequest) -> bool:
    sent = (*request.GET.lists(), *request.POST.lists())
    return any(NUL in text for name, values in sent for text in (name, *values))
