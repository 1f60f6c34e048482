"""Approving, in the admin, what somebody else has set up to follow a segment."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from personalization.activation.admin.returning import ReturnsToSegment
from personalization.activation.nudging import nudge_recalculation
from personalization.activation.second_person import (
    CannotApprove,
    ChangedSince,
    approve,
    keep,
    take_over,
    wanted_of,
)
from personalization.activation.wording import Difference, differences

BADGES: Final = {
    "active": "success",
    "waits for approval": "warning",
    "a change waits": "warning",
    "off": "default",
}
MAY_APPROVE: Final = "segments.approve_proposal"
# What is signed for this is good for nothing else.
SEEN: Final = "activation.seen"
WAITS: Final = "It waits for the approval of a colleague, and does nothing."
GOES_ON: Final = "It waits for the approval of a colleague; until then, what is in force goes on."
NOT_SEEN: Final = "Not approved: open its page, and approve what you see there."
DIFFERS: Final = "{label}: “{before}” when you opened it, “{after}” now."


class ApprovedAdmin(ReturnsToSegment):
    """Saves what then waits for a second person, where the publishing rule says so."""

    change_form_outer_before_template = "admin/activation/waits.html"

    class Media:
        css = {"all": ("segments/pages.css",)}

    def get_urls(self) -> list[URLPattern]:
        """Add where it is approved."""
        approving = path(
            "<path:object_id>/approve/",
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
        if one.waits:
            return "waits for approval"
        return "active" if one.proposed is None else "a change waits"

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Show and edit it as it was saved last, which need not be in force."""
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            take_over(found)
        return found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say whom it waits for, and let them approve what they see."""
        one = kwargs.get("obj")
        if one is not None and one.needs_somebody:
            context["waiting"] = one
            context["may_approve"] = request.user.has_perm(MAY_APPROVE)
            context["is_own"] = one.saved_by == request.user.get_username()
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_approve"
            context["approve_url"] = reverse(name, args=[one.pk])
            context["seen"] = signing.dumps([one.pk, wanted_of(one)], salt=self._salt())
            context["differences"] = self._differences(one)
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Remember who saved it, and have the segment counted soon."""
        related = {
            field.name: sorted(one.pk for one in form.cleaned_data[field.name])
            for field in self.opts.many_to_many
            if field.name in form.cleaned_data
        }
        keep(obj, related=related, by=request.user.get_username())
        if obj.needs_somebody:
            messages.info(request, WAITS if obj.proposed is None else GOES_ON)
        nudge_recalculation()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave what it is about as it is while a change of it waits."""
        if form.instance.proposed is None:
            super().save_related(request, form, formsets, change)

    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let it act; only by POST."""
        if request.method != "POST" or not request.user.has_perm(MAY_APPROVE):
            raise PermissionDenied
        one = self.get_object(request, object_id)
        if one is None:
            raise Http404
        self._approve(request, one)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[one.pk]))

    def _approve(self, request: HttpRequest, one: Any) -> None:
        by = request.user.get_username()
        try:
            seen = self._seen(request, one)
            approved = approve(self.model, one.pk, seen=seen, by=by, now=timezone.now())
        except ChangedSince as error:
            messages.error(request, str(error))
            for line in error.lines:
                said = DIFFERS.format(label=line.label, before=line.before, after=line.after)
                messages.warning(request, said)
        except CannotApprove as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, approved, "Approved.")
            nudge_recalculation()
            messages.success(request, f"Approved: {approved}.")

    def _seen(self, request: HttpRequest, one: Any) -> Mapping[str, Any]:
        try:
            pk, seen = signing.loads(request.POST.get("seen", ""), salt=self._salt())
        except signing.BadSignature:
            raise CannotApprove(NOT_SEEN) from None
        if pk != one.pk:
            raise CannotApprove(NOT_SEEN)
        return dict(seen)

    def _salt(self) -> str:
        return f"{SEEN}.{self.opts.model_name}"

    def _differences(self, one: Any) -> list[Difference]:
        """Return what changes; of what was never in force all that is stated, as nothing was."""
        if one.proposed is None:
            return differences(self.model, {}, one.stated())
        in_force = self.model._default_manager.get(pk=one.pk).stated()
        return differences(self.model, in_force, one.proposed)
