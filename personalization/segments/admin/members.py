"""Who is in a segment, in the admin: composition, overlap with others, and the list as a file."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from consent.purposes import ADVERTISING, PERSONALIZATION, SALE_OR_SHARING
from personalization.rules.parsing import RuleError
from personalization.rules.querying import NotCountable, visit_conditions
from personalization.segments.composing import compose
from personalization.segments.disclosing import Disclosure
from personalization.segments.exporting import export_members
from personalization.segments.limiting import TookTooLong, limited_time
from personalization.segments.members import FEWEST, NotLive, TooFew, all_members
from personalization.segments.models import Segment, saved_rule
from personalization.segments.overlapping import MOST, Overlaps, overlaps
from personalization.segments.picking import SegmentsField

PURPOSES: Final = (
    (PERSONALIZATION, "Personalization: to show or send them something that fits"),
    (ADVERTISING, "Advertising: to show them advertisements elsewhere"),
    (SALE_OR_SHARING, "Sale or sharing: to pass it on to others"),
)
SECONDS: Final = 20
COMBINATIONS_SHOWN: Final = 20


class OverlapForm(forms.Form):
    """Which segments to compare."""

    segments = SegmentsField(label="Segments", most=MOST, help_text=f"Two to {MOST}.")

    def clean_segments(self) -> list[Segment]:
        """Refuse one alone."""
        chosen: list[Segment] = self.cleaned_data["segments"]
        if len(chosen) == 1:
            raise forms.ValidationError(f"Choose two to {MOST} segments.")
        return chosen


class ExportForm(forms.Form):
    """What the file is for."""

    purpose = forms.ChoiceField(
        label="What is it for?", choices=PURPOSES, widget=UnfoldAdminSelectWidget()
    )


class MembersPages(ModelAdmin):
    """Adds the pages; list "overlap" among the `actions_list`, "composition" and "export" among
    the `actions_detail`."""

    def has_export_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Give lists of people to those who may have them."""
        return request.user.has_perm("segments.export_segment")

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Overlap", url_path="overlap", permissions=["view"]
    )
    def overlap(self, request: HttpRequest) -> HttpResponse:
        """Compare segments, and draw how they overlap."""
        form = OverlapForm(request.GET or None)
        context = {
            **self.admin_site.each_context(request),
            "title": "How segments overlap",
            "opts": self.opts,
            "form": form,
        }
        if form.is_valid():
            context |= _overlap(form.cleaned_data["segments"], Disclosure.to(request.user.has_perm))
        return TemplateResponse(request, "admin/segments/segment/overlap.html", context)

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Who they are", url_path="composition", permissions=["view"]
    )
    def composition(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Compare the members with everybody."""
        segment = get_object_or_404(Segment, pk=object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Who they are: “{segment}”",
            "opts": self.opts,
            "segment": segment,
            "fewest": FEWEST,
        }
        try:
            rule = segment.parsed_rule
            context["visits"] = visit_conditions(rule, resolve=saved_rule)
            found = compose(rule=rule, now=timezone.now())
        except RuleError as error:
            context["problem"] = f"It cannot be read: {error}"
        else:
            shown = Disclosure.to(request.user.has_perm)
            context |= {
                "found": found.known(shown),
                "members": shown.number(found.members, found.everybody),
                "is_few": shown.hides(found.members, found.everybody),
                "is_exact": shown.is_exact,
            }
        return TemplateResponse(request, "admin/segments/segment/composition.html", context)

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Export members", url_path="export", permissions=["export"]
    )
    def export(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Ask what the list is for, and give it to whom it may be given."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment, pk=object_id)
        form = ExportForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return _export(request, segment, form.cleaned_data["purpose"])
        context = {
            **self.admin_site.each_context(request),
            "title": f"Export the members of “{segment}”",
            "opts": self.opts,
            "segment": segment,
            "form": form,
            "fewest": FEWEST,
        }
        return TemplateResponse(request, "admin/segments/segment/export.html", context)


def _export(request: HttpRequest, segment: Segment, purpose: str) -> HttpResponseBase:
    by, now = request.user.get_username(), timezone.now()
    try:
        members = all_members(key=segment.key, purpose=purpose, now=now)
    except (NotLive, TooFew, NotCountable) as error:
        messages.error(request, f"Not exported. {error}")
        page = reverse("admin:segments_segment_export", args=[segment.pk])
        return HttpResponseRedirect(page)
    LogEntry.objects.create(
        user_id=int(request.user.pk or 0),
        content_type=ContentType.objects.get_for_model(Segment),
        object_id=str(segment.pk),
        object_repr=str(segment),
        action_flag=CHANGE,
        change_message=f"Read: exported its members for the purpose “{purpose}”.",
    )
    lines = export_members(members, key=segment.key, purpose=purpose, by=by, now=now)
    name = f"{segment.key}-{now:%Y-%m-%d}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _overlap(segments: list[Segment], shown: Disclosure) -> dict[str, Any]:
    names = {one.key: one.name for one in segments}
    try:
        rules = {one.key: one.parsed_rule for one in segments}
        with limited_time(seconds=SECONDS):
            found = overlaps(rules=rules, now=timezone.now())
    except RuleError as error:
        return {"problem": f"One of them cannot be read: {error}"}
    except TookTooLong:
        return {"problem": "Counting took too long. Compare fewer segments."}
    return told_overlap(found, names, shown)


def told_overlap(found: Overlaps, names: dict[str, str], shown: Disclosure) -> dict[str, Any]:
    """Return what the page shows of the overlaps of segments with these names."""
    found = found.known(shown.part)
    largest = max([one.profiles for one in found.combinations], default=1)
    return {
        "is_exact": shown.is_exact,
        "names": names,
        "sizes": [
            (names[key], shown.sum(size, found.total), shown.share_of_sum(size, found.total))
            for key, size in found.sizes.items()
        ],
        "rows": [
            {
                "members": [key in one.keys for key in names],
                "said": " and ".join(names[key] for key in names if key in one.keys),
                "profiles": shown.sum(one.profiles),
                "width": round(100 * shown.drawn(one.profiles, largest) / largest, 1),
            }
            for one in found.combinations[:COMBINATIONS_SHOWN]
        ],
        "left": max(0, len(found.combinations) - COMBINATIONS_SHOWN),
        "pairs": [
            {
                "one": names[one],
                "other": names[other],
                "both": shown.sum(both, found.sizes[one], found.sizes[other]),
                "of_one": shown.share_of_sum(both, found.sizes[one]),
                "of_other": shown.share_of_sum(both, found.sizes[other]),
            }
            for one, other, both in found.pairs()
        ],
    }
