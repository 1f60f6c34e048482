"""Errors outside of any view: JSON for programs, a page of the shop for people."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    if request.path.startswith(API):
        return _as_json(404, "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 where more was sent than a form carries: back in the form it still is."""
    is_long = isinstance(exception, RequestDataTooBig)
    if request.path.startswith(API):
        said = "More was sent than is read." if is_long else "The request cannot be read."
        return _as_json(413 if is_long else 400, said)
    if not is_long:
        return defaults.bad_request(request, exception)
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000
    return HttpResponse(render_to_string("413.html", {"most": most}), status=413)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500; the fault itself is in the log."""
    if request.path.startswith(API):
        return _as_json(500, "The request failed; the fault is logged. Try again later.")
    return defaults.server_error(request)


def _as_json(status: int, message: str) -> JsonResponse:
    return JsonResponse({"errors": [{"field": "", "message": message}]}, status=status)
