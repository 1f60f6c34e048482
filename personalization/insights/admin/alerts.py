"""Alerts in the admin."""

from django.contrib import admin
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.insights.models import Alert


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Which sources fell silent, and when they were heard again."""

    list_display = ("raised_at", "shown_state", "message", "silent_since", "ended_at")
    list_filter = ("source",)
    fields = ("source", "message", "silent_since", "raised_at", "ended_at")

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label={"open": "danger", "ended": "success"}
    )
    def shown_state(self, alert: Alert) -> str:
        """Show as a coloured badge whether it goes on."""
        return "ended" if alert.ended_at else "open"
