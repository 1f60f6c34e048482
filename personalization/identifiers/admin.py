"""Identifier kinds in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from personalization.identifiers.models import FIXED, IdentifierKind


@admin.register(IdentifierKind)
class IdentifierKindAdmin(ModelAdmin):
    """By what people are known, and which name is believed."""

    list_display = ("name", "key", "priority", "limit", "blocked_values")
    fields = ("key", "name", "priority", "limit", "blocked")
    ordering = ("priority",)

    @admin.display(description="blocked values")
    def blocked_values(self, kind: IdentifierKind) -> str:
        """Show the patterns on one line."""
        return ", ".join(kind.blocked.split()) or "-"

    def get_readonly_fields(
        self, request: HttpRequest, obj: IdentifierKind | None = None
    ) -> tuple[str, ...]:
        """Keep the key that senders write; an account stays one person's."""
        if obj is None:
            return ()
        return ("key", "limit") if obj.key == "user" else ("key",)

    def has_delete_permission(
        self, request: HttpRequest, obj: IdentifierKind | None = None
    ) -> bool:
        """Keep the kinds that pages and doors cannot do without."""
        is_fixed = obj is not None and obj.key in FIXED
        return not is_fixed and bool(super().has_delete_permission(request, obj))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once, which would not ask for each."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
