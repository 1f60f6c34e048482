"""What was done to segments, in the admin: also who exported whom, for whoever must prove it."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from consent.admin.reading import ReadOnlyAdmin
from personalization.segments.models import HistoryEntry

EXPORTED: Final = "members exported"


class ExportsFilter(admin.SimpleListFilter):
    """Exports of members alone."""

    title = "what"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the one kind of deed that takes data out."""
        return [("exports", "Exports of members")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave only those."""
        chosen: QuerySet[Any] = queryset.filter(said__contains=EXPORTED)
        return chosen if self.value() == "exports" else queryset


@admin.register(HistoryEntry)
class HistoryEntryAdmin(ReadOnlyAdmin):
    """Who did what to which segment, the latest first."""

    list_display = ("at", "by", "key", "said")
    list_filter = (ExportsFilter, "at")
    search_fields = ("=key", "=by")
    fields = ("at", "by", "key", "said", "before", "after")
    readonly_fields = fields
