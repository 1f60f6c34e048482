"""The queue of probable duplicates: both records side by side, why, and two buttons."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.linkage.deciding import CannotMerge, accept, reject
from personalization.linkage.models import Candidate
from personalization.linkage.showing import side_by_side, waterfall

UNMASK = "vault.unmask_sealedvalue"
LABELS = {
    Candidate.State.OPEN: "info",
    Candidate.State.ACCEPTED: "success",
    Candidate.State.AUTOMATIC: "success",
    Candidate.State.REJECTED: "warning",
}


@admin.register(Candidate)
class CandidateAdmin(ReadOnlyAdmin):
    """Pairs that wait for a decision, the most alike first, and those that were decided."""

    list_display = ("__str__", "shown_weight", "shown_probability", "shown_state", "decided_by")
    list_filter = ("state",)
    fields = ("decided_by", "decided_at", "found_at")
    readonly_fields = fields
    list_per_page = 50
    change_form_outer_before_template = "admin/linkage/review.html"

    class Media:
        css = {"all": ("linkage/review.css",)}

    @admin.display(description="weight", ordering="weight")
    def shown_weight(self, candidate: Candidate) -> str:
        """Show the evidence in bits."""
        return f"{candidate.weight:+.1f} bits"

    @admin.display(description="probability", ordering="probability")
    def shown_probability(self, candidate: Candidate) -> str:
        """Show how probable it is."""
        return f"{candidate.probability:.2%}"

    @display(description="state", label=LABELS)  # type: ignore[untyped-decorator,unused-ignore]
    def shown_state(self, candidate: Candidate) -> tuple[str, str]:
        """Show the state as a coloured badge."""
        return candidate.state, candidate.get_state_display()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Add both records and what speaks for and against."""
        candidate = Candidate.objects.filter(pk=object_id).first() if object_id else None
        if candidate is not None and self.has_view_permission(request):
            extra_context = (extra_context or {}) | {
                "rows": side_by_side(candidate, seen_by=_looker(request), now=timezone.now()),
                "is_masked": not _looker(request),
                "chart": waterfall(candidate),
                "probability": self.shown_probability(candidate),
                "may_decide": self.may_decide(request, candidate),
                "decide_url": reverse("admin:linkage_candidate_decide", args=[candidate.pk]),
            }
        return super().changeform_view(request, object_id, form_url, extra_context)

    def may_decide(self, request: HttpRequest, candidate: Candidate) -> bool:
        """Let those decide who may change candidates, once."""
        is_open = candidate.state == Candidate.State.OPEN
        return is_open and request.user.has_perm("linkage.change_candidate")

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the two buttons."""
        decide = path(
            "<int:candidate_id>/decide",
            self.admin_site.admin_view(require_POST(self.decide)),
            name="linkage_candidate_decide",
        )
        return [decide, *super().get_urls()]

    def decide(self, request: HttpRequest, candidate_id: int) -> HttpResponse:
        """Merge the two or remember that they are two, then show the next pair."""
        candidate = get_object_or_404(Candidate, pk=candidate_id)
        if not self.may_decide(request, candidate):
            messages.error(request, "This pair is decided, or you may not decide it.")
            return HttpResponseRedirect(reverse("admin:linkage_candidate_changelist"))
        by, now = request.user.get_username(), timezone.now()
        try:
            if "_accept" in request.POST:
                accept(candidate, by=by, now=now)
            else:
                reject(candidate, by=by, now=now)
        except CannotMerge as refusal:
            messages.error(request, f"They were not merged. {refusal}")
            return HttpResponseRedirect(_page(candidate))
        self.log_change(request, candidate, candidate.get_state_display())
        messages.success(request, f"{candidate}: {candidate.get_state_display()}.")
        following = Candidate.objects.filter(state=Candidate.State.OPEN).first()
        return HttpResponseRedirect(_page(following))


def _looker(request: HttpRequest) -> str:
    """Return who sees personal traits in the clear; empty: they are masked."""
    return str(request.user.get_username()) if request.user.has_perm(UNMASK) else ""


def _page(candidate: Candidate | None) -> str:
    if candidate is None:
        return reverse("admin:linkage_candidate_changelist")
    return reverse("admin:linkage_candidate_change", args=[candidate.pk])
