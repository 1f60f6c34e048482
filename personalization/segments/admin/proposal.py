"""What waits to become live: seen, approved or rejected."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.segments.admin.objecting import show_objections
from personalization.segments.approving import (
    CannotDecide,
    approve,
    difference,
    objections,
    reject,
    what_changed,
    withdraw,
)
from personalization.segments.models import GoldenVisitor, Proposal, PublishingPolicy
from personalization.segments.publishing import NotPublishable

LABELS: Final = {
    "waiting for approval": "warning",
    "scheduled": "info",
    "published": "success",
    "rejected": "danger",
    "void": "danger",
    "withdrawn": "default",
    "could not be published": "danger",
}


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """What somebody wants live; another person decides."""

    list_display = ("note", "current", "submitted_by", "submitted_at", "publish_at", "decided_by")
    list_filter = ("state",)
    search_fields = ("note", "submitted_by", "decided_by")
    list_per_page = 50

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
            "is_own": proposal.submitted_by == request.user.get_username(),
            "may_approve": request.user.has_perm("segments.approve_proposal"),
            "may_withdraw": request.user.has_perm("segments.add_publication"),
        }
        return TemplateResponse(request, "admin/segments/proposal.html", context)

    def _decide(self, request: HttpRequest, proposal: Proposal) -> None:
        wanted = [name for name in DECISIONS if name in request.POST]
        if not wanted or not request.user.has_perm(PERMISSIONS[wanted[0]]):
            raise PermissionDenied
        try:
            decided = DECISIONS[wanted[0]](proposal.pk, request)
        except CannotDecide as error:
            messages.error(request, str(error))
        except NotPublishable as error:
            show_objections(self, request, error)
        else:
            messages.success(request, f"“{decided}” is {decided.get_state_display()}.")


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
