"""What money of other currencies is worth, in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from personalization.events.models import ExchangeRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ModelAdmin):
    """Rates are added, and stay: sums were made with them."""

    list_display = ("currency", "rate", "starts_on", "added_at")
    list_filter = ("currency",)
    fields = ("currency", "rate", "starts_on")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rate that was in force stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rate that was in force stays."""
        return False
