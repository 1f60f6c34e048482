"""Audiences and their runs in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.activation.admin.second_person import ApprovedAdmin
from personalization.activation.models import Audience, AudienceRun
from personalization.activation.nudging import nudge_audiences

BADGES = {
    AudienceRun.State.DONE: "success",
    AudienceRun.State.RUNNING: "info",
    AudienceRun.State.REFUSED: "warning",
    AudienceRun.State.FAILED: "danger",
}


@admin.register(Audience)
class AudienceAdmin(ApprovedAdmin):
    """Segments that are pushed to a destination on a schedule."""

    list_display = (
        "name",
        "segment",
        "destination",
        "mode",
        "every_hours",
        "last_state",
        "next_run_at",
        "state",
    )
    list_filter = ("is_active", "destination")
    list_select_related = ("segment", "destination")
    search_fields = ("name",)
    autocomplete_fields = ("segment", "destination")
    readonly_fields = ("failures", "next_run_at")
    fields = (
        "name",
        "segment",
        "destination",
        "mode",
        "every_hours",
        "is_active",
        *readonly_fields,
    )
    actions = ("push_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Audience]:
        """Add how the last run ended, in the same query."""
        runs = AudienceRun.objects.filter(audience=OuterRef("pk")).order_by("-started_at")
        found: QuerySet[Audience] = super().get_queryset(request)
        return found.annotate(last=Subquery(runs.values("state")[:1]))

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="last run", label=BADGES
    )
    def last_state(self, audience: Any) -> tuple[str, str] | None:
        """Show as a badge how it was pushed last."""
        return (audience.last, AudienceRun.State(audience.last).label) if audience.last else None

    @admin.action(description="Push now", permissions=["change"])
    def push_now(self, request: HttpRequest, queryset: QuerySet[Audience]) -> None:
        """Let these be the next."""
        chosen = queryset.filter(is_active=True, waits=False)
        count = chosen.update(next_run_at=timezone.now())
        nudge_audiences()
        messages.success(request, f"{count} will be pushed now.")


@admin.register(AudienceRun)
class AudienceRunAdmin(ReadOnlyAdmin):
    """What each push did, the latest first."""

    list_display = (
        "started_at",
        "audience_name",
        "shown_state",
        "members",
        "added",
        "removed",
        "withheld",
        "message",
    )
    list_filter = ("state", "audience_name")
    fields = (
        "audience_name",
        "state",
        "started_at",
        "finished_at",
        "members",
        "added",
        "removed",
        "withheld",
        "message",
    )
    readonly_fields = fields

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label=BADGES
    )
    def shown_state(self, run: AudienceRun) -> tuple[str, str]:
        """Show as a badge how it ended."""
        return run.state, run.get_state_display()
