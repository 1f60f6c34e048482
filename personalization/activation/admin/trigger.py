"""Triggers in the admin: what follows when somebody enters a segment."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from personalization.activation.admin.second_person import ApprovedAdmin
from personalization.activation.forms import TriggerForm
from personalization.activation.models import Trigger

LATELY = timedelta(days=7)


@admin.register(Trigger)
class TriggerAdmin(ApprovedAdmin):
    """When somebody enters …"""

    form = TriggerForm
    list_display = ("segment", "kind", "what", "every_hours", "state", "fired")
    list_filter = ("kind", "is_active", "segment")
    list_select_related = ("segment", "activity", "destination")
    autocomplete_fields = ("segment", "activity")
    conditional_fields = {
        "activity": "kind == 'activity'",
        "within_hours": "kind == 'activity'",
        "destination": "kind == 'email'",
        "template": "kind == 'email'",
        "task": "kind == 'task'",
    }
    fieldsets = (
        (None, {"fields": ("segment", "kind")}),
        (
            "What is done",
            {"fields": ("activity", "within_hours", "destination", "template", "task")},
        ),
        ("How often", {"fields": ("every_hours", "is_active")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trigger]:
        """Count how often each fired lately, in the same query."""
        lately = Q(firings__fired_at__gt=timezone.now() - LATELY)
        found: QuerySet[Trigger] = super().get_queryset(request)
        return found.annotate(fired=Count("firings", filter=lately))

    @admin.display(description="what is done")
    def what(self, trigger: Trigger) -> str:
        """Name the activity, the e-mail or the task."""
        if trigger.kind == Trigger.Kind.EMAIL:
            return f"{trigger.template} by {trigger.destination}"
        return str(trigger.activity or trigger.task)

    @admin.display(description="in 7 days", ordering="fired")
    def fired(self, trigger: Any) -> int:
        """Say how often it fired lately."""
        return int(trigger.fired)
