"""Golden visitors in the admin."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from personalization.segments.golden_forms import GoldenVisitorForm
from personalization.segments.models import GoldenVisitor, Segment


@admin.register(GoldenVisitor)
class GoldenVisitorAdmin(ModelAdmin):
    """Whom publishing is held against; made on the page that says why."""

    form = GoldenVisitorForm
    list_display = ("name", "members", "strangers", "frozen_at")
    search_fields = ("name",)
    fields = ("name", "belongs_to", "stays_out_of", "frozen_at", "known")
    readonly_fields = ("frozen_at", "known")
    autocomplete_fields = ("belongs_to", "stays_out_of")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Send people to “Why / why not”, where a profile is at hand."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[GoldenVisitor]:
        """Fetch the expectations with the visitors."""
        found: QuerySet[GoldenVisitor] = super().get_queryset(request)
        return found.prefetch_related("belongs_to", "stays_out_of")

    @admin.display(description="belongs to", empty_value="-")
    def members(self, golden: GoldenVisitor) -> str | None:
        """Name the segments."""
        return _names(golden.belongs_to.all())

    @admin.display(description="stays out of", empty_value="-")
    def strangers(self, golden: GoldenVisitor) -> str | None:
        """Name the segments."""
        return _names(golden.stays_out_of.all())

    @admin.display(description="what is kept of this visitor")
    def known(self, golden: GoldenVisitor) -> SafeString:
        """Show everything that is kept."""
        kept: dict[str, Any] = {**golden.facts, "visit": golden.context}
        filled = {name: value for name, value in kept.items() if value}
        return format_html(
            '<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>',
            json.dumps(filled, indent=1, ensure_ascii=False),
        )


def _names(segments: "QuerySet[Segment]") -> str | None:
    return ", ".join(str(one) for one in segments) or None
