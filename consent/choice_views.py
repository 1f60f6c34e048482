"""Pages on which any visitor chooses, changes the choice, and takes away the proof."""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from consent.choice_receipts import choice_receipt
from consent.choosing import ChoiceRefused, choose, make_token, may_choose, read_choice, way_back
from consent.models import Privilege
from consent.proving import current_notice
from consent.purposes import NECESSARY, OPTIONAL, REFUSED_BY_GPC
from consent.signals_gpc import sends_gpc
from consent.visiting import (
    Carried,
    choices_in_force,
    read_cookie,
    subject_of_request,
    write_cookie,
)

NOT_OUR_PAGE: Final = (
    "This choice was not made on a page of this site, or the page was open for more than a day."
    " Open the page again and choose there."
)
# When what we do about the signal last changed.
GPC_SUPPORT: Final = {"gpc": True, "lastUpdate": "2026-11-21"}


@never_cache
@require_safe
def choices_page(request: HttpRequest) -> HttpResponse:
    """Show each purpose with what was chosen; the permanent way back."""
    carried = choices_in_force(request, read_cookie(request))
    gpc = sends_gpc(request)
    page = {
        "carried": carried,
        "gpc": gpc,
        "notice": current_notice(),
        "purposes": _purposes(carried, gpc=gpc),
        "token": make_token(),
        "next": request.get_full_path(),
    }
    return render(request, "consent/choices.html", page)


# Django's CSRF protection would set a cookie before anything was chosen; `may_choose` stands in.
@csrf_exempt
@never_cache
@require_POST
def take_choice(request: HttpRequest) -> HttpResponse:
    """Take the choice, and go back to where it was made."""
    if not may_choose(request):
        return HttpResponse(NOT_OUR_PAGE, status=403, content_type="text/plain")
    try:
        choices = read_choice(request.POST, gpc=sends_gpc(request))
    except ChoiceRefused as refusal:
        return HttpResponse(str(refusal), status=400, content_type="text/plain")
    carried = choose(request, choices=choices, carried=read_cookie(request), now=timezone.now())
    response = HttpResponse(status=303, headers={"Location": way_back(request)})
    write_cookie(response, carried)
    return response


@never_cache
@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """Hand out the proof of the visitor's choices."""
    carried = read_cookie(request)
    subject = subject_of_request(request, anonymous_id=carried.id if carried else None)
    proof = choice_receipt(
        subject, party=request.build_absolute_uri(reverse("consent:choices")), now=timezone.now()
    )
    if proof is None:
        raise Http404("No choice has been made yet.")
    disposition = {"Content-Disposition": 'attachment; filename="consent-receipt.json"'}
    return JsonResponse(proof, headers=disposition, json_dumps_params={"indent": 2})


@require_safe
def gpc_support(request: HttpRequest) -> JsonResponse:
    """State that the signal is honoured, as the GPC specification asks."""
    return JsonResponse(GPC_SUPPORT)


def _purposes(carried: Carried | None, *, gpc: bool) -> list[dict[str, Any]]:
    order = {key: place for place, key in enumerate((NECESSARY, *OPTIONAL))}
    privileges = sorted(Privilege.objects.all(), key=lambda one: order.get(one.key, len(order)))
    chosen = carried.choices if carried else {}
    return [
        {
            "privilege": privilege,
            "is_necessary": privilege.key == NECESSARY,
            "is_refused_by_browser": gpc and privilege.key in REFUSED_BY_GPC,
            "is_granted": chosen.get(privilege.key, False)
            and not (gpc and privilege.key in REFUSED_BY_GPC),
        }
        for privilege in privileges
    ]
