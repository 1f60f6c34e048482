"""What waits to become live: seen, approved or rejected."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from unfold.admin import ModelAdmin
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.segments.admin.objecting import show_objections
from personalization.segments.approving import approve, reject
from personalization.segments.ending import CannotDecide, withdraw
from personalization.segments.models import OPEN, GoldenVisitor, Proposal, PublishingPolicy
from personalization.segments.publishing import NotPublishable
from personalization.segments.standing import (
    difference,
    objections,
    what_changed,
    who_may_approve,
)

LABELS: Final = {
    "waiting for approval": "warning",
    "scheduled": "info",
    "published": "success",
    "rejected": "danger",
    "void": "danger",
    "withdrawn": "default",
    "replaced by a later one": "default",
    "could not be published": "danger",
}
# So many people are named whom something waits for.
MOST_NAMES: Final = 3
NOBODY: Final = "nobody: no one else may approve it; ask an administrator"


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """What somebody wants live; another person decides."""

    list_display = ("note", "current", "submitted_by", "since", "publish_at", "decided_by")
    list_filter = ("state",)
    search_fields = ("note", "submitted_by", "decided_by")
    list_per_page = 50

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Say for whom each waits; who there is to approve is asked once."""
        columns = super().get_list_display(request)
        return [*columns[:3], _waits_for_column(who_may_approve()), *columns[3:]]

    def get_ordering(self, request: HttpRequest) -> Sequence[Any]:
        """Put first what waits, the longest first, and then the latest."""
        waits = When(state__in=OPEN, then="pk")
        return [Case(waits, default=None).asc(nulls_last=True), "-pk"]

    @admin.display(description="submitted", ordering="submitted_at")
    def since(self, proposal: Proposal) -> str:
        """Say since when it waits, or when it was submitted."""
        at = f"{proposal.submitted_at:%-d %b %Y, %H:%M}"
        waits = f", {timesince(proposal.submitted_at, timezone.now(), depth=1)} ago"
        return f"{at}{waits if proposal.is_open else ''}"

    @display(description="state", label=LABELS)
    def current(self, proposal: Proposal) -> str:
        """Say where it is on its way."""
        return str(proposal.get_state_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what changes and what the checks say, and let it be decided."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        proposal = get_object_or_404(Proposal, pk=object_id)
        if request.method == "POST":
            self._decide(request, proposal)
            page = reverse("admin:segments_proposal_change", args=[proposal.pk])
            return HttpResponseRedirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": proposal.note,
            "opts": self.opts,
            "proposal": proposal,
            "label": LABELS[proposal.get_state_display()],
            "changes": difference(proposal),
            "problems": what_changed(proposal) if proposal.is_open else (),
            "objections": objections(proposal) if proposal.is_open else (),
            "golden": GoldenVisitor.objects.count(),
            "waits_for": waits_for(proposal, who_may_approve()),
            "replaced": proposal.replaced.all(),
            "said_of": [one for one in proposal.saved.values() if one and one.get("description")],
            "is_own": proposal.is_of(request.user.get_username()),
            "may_approve": request.user.has_perm("segments.approve_proposal"),
            "may_withdraw": _may(request, proposal, "_withdraw"),
        }
        return TemplateResponse(request, "admin/segments/proposal.html", context)

    def _decide(self, request: HttpRequest, proposal: Proposal) -> None:
        wanted = [name for name in DECISIONS if name in request.POST]
        if not wanted or not _may(request, proposal, wanted[0]):
            raise PermissionDenied
        try:
            decided = DECISIONS[wanted[0]](proposal.pk, request)
        except CannotDecide as error:
            messages.error(request, str(error))
        except NotPublishable as error:
            show_objections(self, request, error)
        else:
            messages.success(request, f"“{decided}” is {decided.get_state_display()}.")


def waits_for(proposal: Proposal, approvers: Sequence[str]) -> str:
    """Name for whom, or for what, a proposal waits; nothing where it waits no more."""
    if proposal.state == Proposal.State.SCHEDULED:
        return "its time"
    if not proposal.is_open:
        return ""
    others = [name for name in approvers if not proposal.is_of(name)]
    if not others:
        return NOBODY
    left = len(others) - MOST_NAMES
    more = [f"{left} others"] if left > 1 else others[MOST_NAMES:]
    return " or ".join([*others[:MOST_NAMES], *more])


def _waits_for_column(approvers: Sequence[str]) -> Callable[[Proposal], str]:
    @admin.display(description="waits for", empty_value="-")
    def column(proposal: Proposal) -> str:
        return waits_for(proposal, approvers) or "-"

    return column


def _may(request: HttpRequest, proposal: Proposal, act: str) -> bool:
    # Who submitted something may take it back, whatever else they may do by now.
    is_own = proposal.is_of(request.user.get_username())
    return (act == "_withdraw" and is_own) or request.user.has_perm(PERMISSIONS[act])


def _approve(proposal_id: int, request: HttpRequest) -> Proposal:
    by = request.user.get_username()
    return approve(proposal_id=proposal_id, by=by, now=timezone.now())


def _reject(proposal_id: int, request: HttpRequest) -> Proposal:
    by, comment = request.user.get_username(), request.POST.get("comment", "")
    return reject(proposal_id=proposal_id, by=by, comment=comment, now=timezone.now())


def _withdraw(proposal_id: int, request: HttpRequest) -> Proposal:
    by = request.user.get_username()
    return withdraw(proposal_id=proposal_id, by=by, now=timezone.now())


DECISIONS: Final[Mapping[str, Callable[[int, HttpRequest], Proposal]]] = {
    "_approve": _approve,
    "_reject": _reject,
    "_withdraw": _withdraw,
}
PERMISSIONS: Final[Mapping[str, str]] = {
    "_approve": "segments.approve_proposal",
    "_reject": "segments.approve_proposal",
    "_withdraw": "segments.add_publication",
}


@admin.register(PublishingPolicy)
class PublishingPolicyAdmin(ModelAdmin):
    """Whether a second person must approve; for administrators."""

    list_display = ("__str__", "needs_approval")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one already."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the one there is."""
        return False
