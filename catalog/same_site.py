"""Forms of the shop without a cookie: the browser itself says which site a form was sent from."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt

P = ParamSpec("P")
OWN: Final = frozenset({"same-origin", "none"})


def from_this_site(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Answer 403 to a form that another site made a browser send.

    Stands in for Django's CSRF protection, which would set a cookie on every page with a form,
    before the visitor has chosen anything. Browsers send Origin with every POST, and the session
    cookie, being SameSite=Lax, with none from elsewhere.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not _is_own(request):
            return HttpResponseForbidden("This form was sent from another site.")
        return view(request, *args, **kwargs)

    return guarded


def _is_own(request: HttpRequest) -> bool:
    stated = request.headers.get("Sec-Fetch-Site")
    if stated is not None:
        return stated in OWN
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.get_host()
