"""Errors outside of any view: JSON for programs, a page of the shop for people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    if request.path.startswith(API):
        return _as_json(404, "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500; the fault itself is in the log."""
    if request.path.startswith(API):
        return _as_json(500, "The request failed; the fault is logged. Try again later.")
    return defaults.server_error(request)


def _as_json(status: int, message: str) -> JsonResponse:
    return JsonResponse({"errors": [{"field": "", "message": message}]}, status=status)
