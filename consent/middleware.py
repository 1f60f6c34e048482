"""Tell every request what its visitor agreed to, before anything else may be done."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from consent.checking import UNKNOWN
from consent.purposes import REFUSED_BY_GPC
from consent.signals_gpc import record_gpc, sends_gpc
from consent.visiting import read_cookie, subject_of_request


class ConsentMiddleware:
    """Set `request.consent_id`, `request.choices` and `request.gpc`; never sets a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the cookie, let the browser's own signal overrule it, and answer."""
        carried = read_cookie(request)
        gpc = sends_gpc(request)
        choices = carried.as_choices if carried else UNKNOWN
        request.consent_id = carried.id if carried else None  # type: ignore[attr-defined]
        request.gpc = gpc  # type: ignore[attr-defined]
        request.choices = choices.refusing(REFUSED_BY_GPC) if gpc else choices  # type: ignore[attr-defined]
        if gpc:
            subject = subject_of_request(request, anonymous_id=carried.id if carried else None)
            record_gpc(subject, request_meta=request.META, now=timezone.now())
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie", "Sec-GPC"])
        return response
