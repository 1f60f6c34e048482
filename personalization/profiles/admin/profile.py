"""Profiles in the admin: looked up by any of their identifiers, and read only."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from consent.admin.reading import ReadOnly, ReadOnlyAdmin
from personalization.profiles.admin.merges import MergeInline, UnjoinedInline
from personalization.profiles.facts import count_within
from personalization.profiles.finding import find_profiles
from personalization.profiles.models import Profile, ProfileIdentifier

RECENT_SHOWN = 20


class IdentifierInline(ReadOnly, TabularInline):
    """By what the profile is known: kinds, and the ends of their digests."""

    model = ProfileIdentifier
    fields = ("kind", "masked", "created_at")
    readonly_fields = fields
    extra = 0

    @admin.display(description="pseudonym")
    def masked(self, identifier: ProfileIdentifier) -> str:
        """Show enough to tell two apart."""
        return f"…{identifier.pseudonym[-6:]}"


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """One visitor: traits, counters, latest acts."""

    list_display = ("__str__", "country", "purchases", "last_seen")
    fields: tuple[str, ...] = ("traits", "counters", "latest", "created_at", "updated_at")
    readonly_fields: tuple[str, ...] = fields
    inlines = (IdentifierInline, MergeInline, UnjoinedInline)
    search_fields = ("pk",)
    search_help_text = "A profile number, or a user id, anonymous id or e-mail address in full."
    ordering = ("-updated_at",)
    list_per_page = 50
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Profile], search_term: str
    ) -> tuple[QuerySet[Profile], bool]:
        """Find by number, or by the keyed digest of an identifier."""
        if not search_term.strip():
            return queryset, False
        return find_profiles(term=search_term, among=queryset), False

    @admin.display(description="country")
    def country(self, profile: Profile) -> str:
        """Show the trait that most rules ask for."""
        return str(profile.facts.get("traits", {}).get("country", "-"))

    @admin.display(description="purchases in 30 days")
    def purchases(self, profile: Profile) -> int:
        """Count orders."""
        days = profile.facts.get("counts", {}).get("purchase", {})
        return count_within(days, window=30, now=timezone.now())

    @admin.display(description="last seen")
    def last_seen(self, profile: Profile) -> datetime | None:
        """Return the time of the latest event of any type."""
        last = profile.facts.get("last", {}).values()
        return datetime.fromtimestamp(max(last), UTC) if last else None

    @admin.display(description="traits")
    def traits(self, profile: Profile) -> SafeString:
        """List the stated attributes."""
        return _lines((name, value) for name, value in profile.facts.get("traits", {}).items())

    @admin.display(description="counters")
    def counters(self, profile: Profile) -> SafeString:
        """List what was counted, lately and ever."""
        now = timezone.now()
        return _lines(
            (
                kind,
                f"{count_within(days, window=30, now=now)} in 30 days, {sum(days.values())} in all",
            )
            for kind, days in profile.facts.get("counts", {}).items()
        )

    @admin.display(description="latest acts")
    def latest(self, profile: Profile) -> SafeString:
        """List the newest acts first."""
        recent = profile.facts.get("recent", [])[: -RECENT_SHOWN - 1 : -1]
        return _lines(
            (f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}", f"{kind} {item} {category}")
            for seconds, kind, item, category in recent
        )


def _lines(pairs: Any) -> SafeString:
    rows = format_html_join(
        "", "<tr><th style='text-align:left; padding-right:1.5rem'>{}</th><td>{}</td></tr>", pairs
    )
    return format_html("<table>{}</table>", rows or "-")
