"""Approving, in the admin, what somebody else has set up to follow a segment."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from personalization.activation.admin.returning import ReturnsToSegment
from personalization.activation.nudging import nudge_recalculation
from personalization.activation.second_person import NotForThem, approve, note_saving

BADGES = {"active": "success", "waits for approval": "warning", "off": "default"}
MAY_APPROVE = "segments.approve_proposal"


class ApprovedAdmin(ReturnsToSegment):
    """Saves what then waits for a second person, where the publishing rule says so."""

    change_form_outer_before_template = "admin/activation/waits.html"

    class Media:
        css = {"all": ("segments/pages.css",)}

    def get_urls(self) -> list[URLPattern]:
        """Add where it is approved."""
        approving = path(
            "<int:pk>/approve/",
            self.admin_site.admin_view(self.approve),
            name=f"{self.opts.app_label}_{self.opts.model_name}_approve",
        )
        urls: list[URLPattern] = super().get_urls()
        return [approving, *urls]

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label=BADGES, ordering="is_active"
    )
    def state(self, one: Any) -> str:
        """Say whether it acts."""
        if not one.is_active:
            return "off"
        return "waits for approval" if one.waits else "active"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say whom it waits for, and let them approve."""
        one = kwargs.get("obj")
        if one is not None and one.waits:
            context["waits_since"] = one.saved_by
            context["may_approve"] = request.user.has_perm(MAY_APPROVE)
            context["is_own"] = one.saved_by == request.user.get_username()
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_approve"
            context["approve_url"] = reverse(name, args=[one.pk])
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Remember who saved it, and have the segment counted soon."""
        note_saving(obj, by=request.user.get_username())
        super().save_model(request, obj, form, change)
        if obj.waits:
            messages.info(request, "It waits for the approval of a colleague, and does nothing.")
        nudge_recalculation()

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let it act; only by POST."""
        if request.method != "POST" or not request.user.has_perm(MAY_APPROVE):
            raise PermissionDenied
        one = get_object_or_404(self.model, pk=pk)
        try:
            approve(one, by=request.user.get_username(), now=timezone.now())
        except NotForThem:
            messages.error(request, "Somebody else than who set it up must approve it.")
        else:
            nudge_recalculation()
            messages.success(request, f"Approved: {one}.")
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[pk]))
