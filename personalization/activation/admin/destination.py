"""Destinations in the admin: where they are, what they may be told, and a test."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from personalization.activation.admin.pressing import PressedActs
from personalization.activation.admin.second_person import BADGES, ApprovedAdmin
from personalization.activation.forms import DestinationForm
from personalization.activation.models import Delivery, Destination
from personalization.activation.nudging import nudge_recalculation
from personalization.activation.sending import try_out

MADE = (
    "The secret with which its news is signed is {secret}. Copy it now: it is not shown"
    " again, and stays sealed here."
)


@admin.register(Destination)
class DestinationAdmin(PressedActs, ApprovedAdmin):
    """Systems that are told who enters, leaves and belongs to segments."""

    form = DestinationForm
    list_display = ("name", "kind", "host", "purpose", "shown_state", "waiting")
    list_filter = ("kind", "is_active", "purpose")
    search_fields = ("name", "url")
    autocomplete_fields = ("segments",)
    conditional_fields = {
        **dict.fromkeys(("segments", "tells_entered", "tells_left"), "kind == 'webhook'"),
        **dict.fromkeys(("bucket", "prefix", "region", "access_key"), "kind == 'bucket'"),
    }
    readonly_fields = ("failures", "disabled_because", "log")
    pressed = {"try_it": "Send a test"}
    fieldsets = (
        (None, {"fields": ("name", "kind", "url", "secret", "is_active")}),
        ("What it may be told", {"fields": ("purpose", "identifier_kinds")}),
        (
            "Webhook: who enters and leaves",
            {"fields": ("segments", "tells_entered", "tells_left")},
        ),
        ("Storage", {"fields": ("bucket", "prefix", "region", "access_key")}),
        ("How it fares", {"fields": ("failures", "disabled_because", "log")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        """Count what waits, in the same query."""
        waits = Q(deliveries__state=Delivery.State.WAITING)
        found: QuerySet[Destination] = super().get_queryset(request)
        return found.annotate(waiting=Count("deliveries", filter=waits))

    @admin.display(description="address")
    def host(self, destination: Destination) -> str:
        """Show where it is, without what might be secret behind it."""
        return "/".join(destination.url.split("/")[:3])

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state",
        label={**BADGES, "failing": "warning", "stopped": "danger"},
    )
    def shown_state(self, destination: Destination) -> str:
        """Say as a badge whether it takes news."""
        if not destination.is_active:
            return "stopped" if destination.disabled_because else "off"
        said = str(self.state(destination))
        return "failing" if said == "active" and destination.failures else said

    @admin.display(description="waiting", ordering="waiting")
    def waiting(self, destination: Any) -> int:
        """Say how much news waits for it."""
        return int(destination.waiting)

    @admin.display(description="deliveries")
    def log(self, destination: Destination) -> SafeString:
        """Lead to its log."""
        address = reverse("admin:activation_delivery_changelist")
        return format_html(
            '<a href="{}?destination__id__exact={}">What it was told</a>', address, destination.pk
        )

    def save_model(
        self, request: HttpRequest, obj: Destination, form: DestinationForm, change: bool
    ) -> None:
        """Show a secret that was made, this once."""
        super().save_model(request, obj, form, change)
        if form.made:
            messages.warning(request, MADE.format(secret=form.made))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Have its segments counted soon."""
        super().save_related(request, form, formsets, change)
        nudge_recalculation()

    def try_it(self, request: HttpRequest, object_id: str) -> None:
        """Send a test now, and say what came back."""
        destination = get_object_or_404(Destination, pk=object_id)
        tried = try_out(destination, clock=timezone.now)
        said = f"{tried.response_code or 'No answer'}. {tried.excerpt}".strip()
        if tried.state == Delivery.State.DELIVERED:
            messages.success(request, f"It took the test: {said}")
        else:
            messages.error(request, f"It did not take the test: {said}")
