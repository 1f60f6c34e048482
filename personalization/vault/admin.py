"""Who saw direct identifiers, for those who watch over it."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from consent.admin.reading import ReadOnlyAdmin
from personalization.vault.models import Look


@admin.register(Look)
class LookAdmin(ReadOnlyAdmin):
    """Every look at direct identifiers, the latest first; what was seen is not in it."""

    list_display = ("seen_at", "seen_by", "profile", "what")
    list_filter = ("seen_by",)
    search_fields = ("seen_by", "profile_id")
    search_help_text = "Who looked, or the number of the profile."
    date_hierarchy = "seen_at"
    fields = ("seen_at", "seen_by", "profile", "what")
    readonly_fields = fields
    list_per_page = 50

    @admin.display(description="profile", ordering="profile_id")
    def profile(self, look: Look) -> SafeString:
        """Name the profile, which may exist no more."""
        return format_html("Profile {}", look.profile_id)

    @admin.display(description="fields seen")
    def what(self, look: Look) -> str:
        """List the fields."""
        return ", ".join(look.fields)
