"""How the admin says that nothing was published, and hands on what needs a second person."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from personalization.segments.models import Proposal
from personalization.segments.publishing import NeedsApproval, NobodyIsIn, NotPublishable
from personalization.segments.submitting import submit

PUBLISH_ITSELF: Final = "If you mean it, publish the segment from its own page and confirm it."


def show_objections(model_admin: ModelAdmin, request: HttpRequest, error: NotPublishable) -> None:
    """Tell a marketer why nothing was published; submit what only lacks approval."""
    if isinstance(error, NeedsApproval):
        _submit(model_admin, request, error)
        return
    remedy = f" {PUBLISH_ITSELF}" if isinstance(error, NobodyIsIn) else ""
    for message in error.messages:
        model_admin.message_user(request, f"Not published. {message}{remedy}", messages.ERROR)


def _submit(model_admin: ModelAdmin, request: HttpRequest, error: NeedsApproval) -> None:
    by = request.user.get_username()
    proposal = submit(
        changes=error.changes,
        by=by,
        note=error.note,
        now=timezone.now(),
        insists=error.insists,
    )
    page = reverse("admin:segments_proposal_change", args=[proposal.pk])
    said = format_html(
        'Submitted: “{}” waits for the <a class="underline" href="{}">approval</a> of a colleague.',
        proposal.note,
        page,
    )
    model_admin.message_user(request, said)
    show_replaced(request, proposal)


def show_replaced(request: HttpRequest, proposal: Proposal) -> None:
    """Say what waited, and waits no more because of this one."""
    for one in proposal.replaced.all():
        at = f"{one.submitted_at:%-d %b %Y, %H:%M} UTC"
        messages.warning(request, f"It takes the place of what {one.submitted_by} submitted, {at}.")


class TakesOfflineFirst(ModelAdmin):
    """Deletes rows of which something may be live, and keeps those that have to stay."""

    actions: Sequence[Any] | None = ("delete_selected",)

    def take_offline(self, request: HttpRequest, obj: Any) -> None:
        """Take it offline where it is live; raises NotPublishable."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take it offline first, where it is live."""
        self.take_offline(request, obj)
        super().delete_model(request, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Explain why what has to stay stays."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except NotPublishable as error:
            show_objections(self, request, error)
            page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(page, args=[object_id]))
        return answer

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Ask first, as the admin does; then delete what may go, and count what went."""
        _, _, lacking, kept = self.get_deleted_objects(queryset, request)
        if "post" not in request.POST or kept:
            return delete_selected(self, request, queryset)
        if lacking:
            raise PermissionDenied
        gone = sum([self._delete_or_say_why(request, one) for one in queryset])
        if gone:
            said = f"Deleted {gone} {model_ngettext(self.opts, gone)}."
            self.message_user(request, said, messages.SUCCESS)
        return None

    def _delete_or_say_why(self, request: HttpRequest, obj: Any) -> bool:
        try:
            with transaction.atomic():
                self.log_deletions(request, [obj])
                self.delete_model(request, obj)
        except NotPublishable as error:
            show_objections(self, request, error)
            return False
        return True
