"""Watched segments in the admin: how their recalculation fares, and what listens to them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from personalization.activation.models import WatchedSegment
from personalization.activation.nudging import nudge_recalculation
from personalization.activation.watching import listeners

BADGES = {
    WatchedSegment.State.DONE: "success",
    WatchedSegment.State.RUNNING: "info",
    WatchedSegment.State.WAITING: "default",
    WatchedSegment.State.FAILED: "danger",
}


@admin.register(WatchedSegment)
class WatchedSegmentAdmin(ModelAdmin):
    """One row for each segment whose entering and leaving is found."""

    list_display = (
        "segment",
        "shown_state",
        "members",
        "started_at",
        "took",
        "next_run_at",
        "error",
    )
    list_filter = ("state",)
    list_select_related = ("segment",)
    search_fields = ("segment__name", "segment__key")
    autocomplete_fields = ("segment",)
    actions = ("recalculate_now",)
    status = (
        "state",
        "members",
        "listening",
        "started_at",
        "took",
        "ruleset_version",
        "failures",
        "error",
        "next_run_at",
    )
    readonly_fields = status
    fieldsets = (
        (None, {"fields": ("segment", "is_kept")}),
        ("Recalculation", {"fields": status}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: WatchedSegment | None = None) -> Any:
        """Show how it fares once it is there."""
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_readonly_fields(self, request: HttpRequest, obj: WatchedSegment | None = None) -> Any:
        """Let another segment be watched by another row."""
        return ("segment", *self.status) if obj else self.status

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label=BADGES
    )
    def shown_state(self, watched: WatchedSegment) -> tuple[str, str]:
        """Show as a badge how its recalculation stands."""
        return watched.state, watched.get_state_display()

    @admin.display(description="took")
    def took(self, watched: WatchedSegment) -> str:
        """Say how long the last run took."""
        return f"{watched.took.total_seconds():.1f} s" if watched.took is not None else "-"

    @admin.display(description="what listens to it")
    def listening(self, watched: WatchedSegment) -> str:
        """Name webhooks, triggers and audiences."""
        found = listeners([watched.segment])[watched.segment_id]
        return ", ".join(found) or "Nothing but the stream"

    @admin.action(description="Recalculate now", permissions=["change"])
    def recalculate_now(self, request: HttpRequest, queryset: QuerySet[WatchedSegment]) -> None:
        """Let these be the next."""
        idle = queryset.exclude(state=WatchedSegment.State.RUNNING)
        count = idle.update(next_run_at=timezone.now())
        nudge_recalculation()
        messages.success(request, f"{count} will be recalculated now.")

    def save_model(
        self, request: HttpRequest, obj: WatchedSegment, form: Any, change: bool
    ) -> None:
        """Have it counted soon."""
        super().save_model(request, obj, form, change)
        nudge_recalculation()
