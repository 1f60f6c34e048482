"""Errors outside of any view: JSON for programs, a page of the shop or of the admin for people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views import csrf, defaults

API = "/api/"
ADMIN = "/admin/"
FOREIGN: Final = "csrf"
UNREADABLE: Final = "character"


@dataclass(frozen=True, slots=True)
class Page:
    """What the admin says of an error, and what to do."""

    status: int
    title: str
    said: str
    advice: str


PAGES: Final[Mapping[int | str, Page]] = {
    400: Page(
        400,
        "This cannot be read",
        "Your browser sent something that is no proper request. Nothing was saved.",
        "Go back, load the page again and repeat what you did.",
    ),
    403: Page(
        403,
        "Your role may not do this",
        "You are signed in, but this is left to others. Nothing was changed.",
        "Ask an administrator to do it, or to give you the role that may.",
    ),
    404: Page(
        404,
        "There is nothing at this address",
        "It may have been deleted or renamed since you saw it, or the address has a slip in it.",
        "Look for it in its list, which the menu of the admin leads to.",
    ),
    500: Page(
        500,
        "Something went wrong here",
        "The fault is ours, and it is in the log. What you just did may not be saved.",
        "Go back, what you typed is still there, and try once more. If it happens again, tell"
        " whoever runs this site what you did, and when.",
    ),
    UNREADABLE: Page(
        400,
        "One character cannot be read",
        "What was sent has a NUL character in it, which nobody sees and no text can have."
        " Nothing was saved.",
        "Go back: what you typed is still there. Remove what you pasted last, and type it instead.",
    ),
    FOREIGN: Page(
        403,
        "Your sign-in has changed",
        "Since you opened the page you signed in anew, or your browser keeps no cookies."
        " Nothing was saved.",
        "Go back and load the page again. The conditions of a segment are then brought back;"
        " copy anything else you typed first.",
    ),
}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    if request.path.startswith(API):
        return _as_json(404, "There is nothing at this address.")
    return _of_admin(request, 404) or defaults.page_not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    if request.path.startswith(API):
        return _as_json(403, "You may not do this.")
    return _of_admin(request, 403) or defaults.permission_denied(request, exception)


def foreign(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to what was sent from a form that another sign-in was shown."""
    return _of_admin(request, FOREIGN) or csrf.csrf_failure(request, reason)


def unreadable(request: HttpRequest) -> HttpResponse:
    """Answer 400 to a character in the admin that no text can have."""
    return _as_page(PAGES[UNREADABLE])


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 where more was sent than a form carries: back in the form it still is."""
    is_long = isinstance(exception, RequestDataTooBig)
    if request.path.startswith(API):
        said = "More was sent than is read." if is_long else "The request cannot be read."
        return _as_json(413 if is_long else 400, said)
    if not is_long:
        return _of_admin(request, 400) or defaults.bad_request(request, exception)
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000
    return HttpResponse(render_to_string("413.html", {"most": most}), status=413)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500; the fault itself is in the log."""
    if request.path.startswith(API):
        return _as_json(500, "The request failed; the fault is logged. Try again later.")
    return _of_admin(request, 500) or defaults.server_error(request)


def _of_admin(request: HttpRequest, error: int | str) -> HttpResponse | None:
    """Return the page of the admin; None outside of it. It needs no database, which may be away."""
    if not request.path.startswith(ADMIN):
        return None
    return _as_page(PAGES[error])


def _as_page(page: Page) -> HttpResponse:
    said = {**asdict(page), "admin": ADMIN, "now": timezone.now()}
    return HttpResponse(render_to_string("admin/error.html", said), status=page.status)


def _as_json(status: int, message: str) -> JsonResponse:
    return JsonResponse({"errors": [{"field": "", "message": message}]}, status=status)
