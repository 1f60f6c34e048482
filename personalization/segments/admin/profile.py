"""A profile's page in the admin, with the live segments it is in."""

from collections.abc import Sequence
from typing import Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from personalization.profiles.admin import ProfileAdmin
from personalization.profiles.admin.cards import Card
from personalization.profiles.models import Profile
from personalization.segments.asking import known_of
from personalization.segments.belonging import Membership, memberships
from personalization.segments.models import Segment
from personalization.segments.publishing import current_document

MAYBE: Final = ", if the visit fits"
# More than these are folded away.
SHOWN: Final = 50
EMPTY: Final = "In no live segment."

admin.site.unregister(Profile)


@admin.register(Profile)
class ProfileWithSegmentsAdmin(ProfileAdmin):
    """One visitor, and whom this visitor resembles."""

    def more_cards(self, request: HttpRequest, profile: Profile) -> list[Card]:
        """Show segments to those who may see them."""
        more = super().more_cards(request, profile)
        if not request.user.has_perm("segments.view_segment"):
            return more
        return [*more, Card("segments", "Live segments", _segments(profile))]


def _segments(profile: Profile) -> SafeString | str:
    """List the live segments the profile is in, each with a link to why."""
    _, document = current_document()
    known = known_of(profile, context={}, now=timezone.now())
    found = memberships(segments=document["segments"], known=known)
    if not found:
        return EMPTY
    named = Segment.objects.filter(key__in=[one.key for one in found])
    keys = dict(named.order_by().values_list("key", "pk"))
    lines = [_line(one, keys, profile) for one in found]
    if len(lines) <= SHOWN:
        return _list(lines)
    # All of them are there to be searched by the browser, and the page stays short.
    return format_html(
        "{}<details><summary>and {} more</summary>{}</details>",
        _list(lines[:SHOWN]),
        f"{len(lines) - SHOWN:,}",
        _list(lines[SHOWN:]),
    )


def _list(lines: Sequence[tuple[SafeString | str, str]]) -> SafeString:
    return format_html(
        '<ul class="person__list">{}</ul>', format_html_join("", "<li>{}{}</li>", lines)
    )


def _line(one: Membership, keys: dict[str, int], profile: Profile) -> tuple[SafeString | str, str]:
    maybe = "" if one.is_certain else MAYBE
    if one.key not in keys:
        return one.name, maybe
    page = reverse("admin:segments_segment_why", args=[keys[one.key]])
    link = format_html(
        '<a class="underline" href="{}?profile={}">{}</a>', page, profile.pk, one.name
    )
    return link, maybe
