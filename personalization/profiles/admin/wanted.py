"""Which traits the shop would like to know, and of how many visitors it does."""

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from personalization.profiles.completeness import Coverage, coverage
from personalization.profiles.models import WantedTrait

# Fewer people than this could be told apart.
FEWEST_SHOWN: Final = 10


@admin.register(WantedTrait)
class WantedTraitAdmin(ModelAdmin):
    """The list, and above it a bar for each trait."""

    list_display = ("name", "weight")
    list_editable = ("weight",)
    ordering = ("-weight", "name")
    list_before_template = "admin/profiles/wantedtrait/coverage.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Count over all profiles."""
        found = coverage(list(WantedTrait.objects.all()))
        more = {"coverage": [(one, _number(one)) for one in found], **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, more)
        return answer


def _number(one: Coverage) -> str:
    if 0 < one.known < FEWEST_SHOWN:
        return f"fewer than {FEWEST_SHOWN} of {one.profiles:,}"
    return f"{one.known:,} of {one.profiles:,} ({one.percent:.0f} %)"
