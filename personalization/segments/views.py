"""What the rule form asks while a marketer types."""

from typing import Final

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from personalization.segments.calling import SavedNames
from personalization.segments.forms import RuleBuilder
from personalization.segments.panel import panel_of
from personalization.segments.picking import segments_named
from personalization.segments.suggesting import Suggestions, suggestions

NO_SUGGESTIONS: Final = Suggestions(traits={}, events=(), categories=())


@require_POST
@staff_member_required
@permission_required("segments.view_segment", raise_exception=True)
def preview(request: HttpRequest) -> JsonResponse:
    """Answer with the panel for the finished rows of the form, and what is wrong with the others.

    `rule` is the whole rule as JSON, where every row is finished. Where counting takes longer than
    a marketer should wait, the number is an estimate at first, and the form comes again with
    `rule-patient`.
    """
    builder = RuleBuilder.sent(request.POST, NO_SUGGESTIONS)
    raw = builder.finished_rule()
    is_hasty = "rule-patient" not in request.POST
    context = panel_of(builder, raw, now=timezone.now(), is_hasty=is_hasty)
    answer = {
        "html": render_to_string("admin/segments/segment/preview.html", context, request=request),
        "rule": None if builder.unfinished() else raw,
        "warnings": builder.row_warnings() if raw else {},
        "errors": builder.row_errors(),
    }
    return JsonResponse(answer)


@require_POST
@staff_member_required
@permission_required("segments.view_segment", raise_exception=True)
def arrange(request: HttpRequest) -> JsonResponse:
    """Answer with the rows after the button that was pressed, and what to go on with."""
    builder = RuleBuilder.arranged(request.POST, suggestions(), now=timezone.now())
    html = render_to_string(
        "admin/segments/segment/rows.html", {"builder": builder}, request=request
    )
    return JsonResponse({"html": html, "focus": builder.focus, "notice": builder.notice})


@require_GET
@never_cache
def session(request: HttpRequest) -> JsonResponse:
    """Answer whoever may send the form with what it needs for that, and others with nothing."""
    may = request.user.is_active and request.user.has_perm("segments.view_segment")
    return JsonResponse({"token": get_token(request) if may else None})


@require_GET
@staff_member_required
@permission_required("segments.view_segment", raise_exception=True)
def search(request: HttpRequest) -> JsonResponse:
    """Answer with the segments that have all words in their name or key, a few of them."""
    found, more = segments_named(request.GET.get("q", ""))
    names = SavedNames()
    options = [
        {
            "key": one.key,
            "name": one.name,
            "called": names.get(one.key, one.name),
            "kind": one.get_kind_display(),
        }
        for one in found
    ]
    return JsonResponse({"found": options, "more": more})
