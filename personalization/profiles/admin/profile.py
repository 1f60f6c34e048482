"""Profiles in the admin: looked up by any of their identifiers, and read only."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from consent.admin.reading import ReadOnlyAdmin
from personalization.profiles.admin.cards import Card, Cards
from personalization.profiles.admin.consenting import consent_card
from personalization.profiles.admin.merges_told import merges_card
from personalization.profiles.admin.standing import standing_card
from personalization.profiles.admin.stated import traits_card, who_card
from personalization.profiles.admin.timeline import page_of, shown_card, timeline_card
from personalization.profiles.facts import count_within
from personalization.profiles.finding import find_profiles
from personalization.profiles.models import Profile
from personalization.vault.keeping import Statement
from personalization.vault.looking import look
from personalization.vault.sealing import Tampered, UnknownKey

UNMASK = "vault.unmask_sealedvalue"
MOST_FOUND = 20


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """One visitor: who, what is known, what they did and agreed to.

    A room above adds cards of its own by `more_cards`.
    """

    list_display = ("__str__", "country", "purchases", "last_seen")
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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Search by POST: an address in a URL would stand in the logs of every server."""
        if request.method == "POST" and SEARCH_VAR in request.POST:
            return self._found(request, request.POST[SEARCH_VAR])
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def _found(self, request: HttpRequest, term: str) -> HttpResponse:
        """Lead to whom the term names, without the term."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, _ = self.get_search_results(request, self.get_queryset(request), term)
        numbers = list(found.values_list("pk", flat=True)[:MOST_FOUND]) if term.strip() else []
        if len(numbers) == 1:
            return redirect("admin:profiles_profile_change", numbers[0])
        if term.strip() and not numbers:
            messages.warning(request, "Nobody is known by this. Write an identifier in full.")
        several = f"?id__in={','.join(map(str, numbers))}" if numbers else ""
        return redirect(reverse("admin:profiles_profile_changelist") + several)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page; a POST asks for direct identifiers in the clear, and is written down."""
        profile = self.get_object(request, object_id)
        if not self.has_view_permission(request, profile):
            raise PermissionDenied
        if profile is None:
            raise Http404("There is no such profile.")
        context = {
            **self.admin_site.each_context(request),
            "title": str(profile),
            "opts": self.opts,
            "original": profile,
            "known_since": _known_since(profile),
            "cards": self.cards(request, profile, now=timezone.now()),
        }
        return TemplateResponse(request, "admin/profiles/profile/page.html", context)

    def cards(self, request: HttpRequest, profile: Profile, *, now: datetime) -> Cards:
        """Return the whole page, column by column."""
        seen = _looked_at(request, profile, now=now)
        may_see = request.user.has_perm(UNMASK)
        return Cards(
            beside=[
                who_card(profile, seen=seen, may_see=may_see, csrf=get_token(request)),
                traits_card(profile),
                standing_card(profile, now=now),
                consent_card(profile),
                merges_card(profile),
            ],
            main=[
                *self.more_cards(request, profile),
                shown_card(profile),
                timeline_card(profile, page=page_of(request.GET.get("page", ""))),
            ],
        )

    def more_cards(self, request: HttpRequest, profile: Profile) -> list[Card]:
        """Return what rooms above know of this visitor."""
        return []

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


def _known_since(profile: Profile) -> datetime:
    """Return when it was made, or its first act where that lies before, as after an import."""
    first = profile.facts.get("first", {}).values()
    acted = [datetime.fromtimestamp(seconds, UTC) for seconds in first]
    return min([profile.created_at, *acted])


def _looked_at(
    request: HttpRequest, profile: Profile, *, now: datetime
) -> Sequence[Statement] | None:
    """Return direct identifiers in the clear where they are asked for; None: they are not."""
    if request.method != "POST":
        return None
    if not request.user.has_perm(UNMASK):
        raise PermissionDenied
    try:
        return look(profile_id=profile.pk, seen_by=request.user.get_username(), now=now)
    except (UnknownKey, Tampered):
        return None  # nothing could be seen, and the card says so
