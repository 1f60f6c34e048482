"""The demo's profile switcher."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from catalog.demo.switching import is_demo, step_into
from catalog.same_site import from_this_site

CONSENT_COOKIE: Final = "consent"


@from_this_site
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Step into a persona; a new visitor has not been asked for consent yet either."""
    if not is_demo():
        raise Http404
    response = redirect("shop:home")
    if step_into(request.session, kind=request.POST.get("kind", "")) is None:
        response.delete_cookie(CONSENT_COOKIE)
    return response
