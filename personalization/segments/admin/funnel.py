"""Funnels in the admin, with the chart of who leaves where."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from personalization.rules.wording import duration_words
from personalization.segments.admin.meanwhile import SeesWhatOthersSave
from personalization.segments.disclosing import UNTOLD, Disclosure
from personalization.segments.dropping import make_segment
from personalization.segments.funnel_forms import FunnelForm
from personalization.segments.funnel_steps import read_steps
from personalization.segments.funnelling import (
    Period,
    Reached,
    count_steps,
    days_covered,
    known_steps,
)
from personalization.segments.limiting import TookTooLong, limited_time
from personalization.segments.list_telling import tell_soon
from personalization.segments.models import Funnel

SECONDS: Final = 20
DAYS: Final = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "365 days"))
USUAL: Final = 30


class PeriodForm(forms.Form):
    """When the first step was taken."""

    days = forms.TypedChoiceField(
        label="First step in the last",
        choices=DAYS,
        coerce=int,
        widget=UnfoldAdminSelectWidget(),
    )


class DropForm(PeriodForm):
    """Behind which step they left."""

    after = forms.IntegerField(min_value=1)


@admin.register(Funnel)
class FunnelAdmin(SeesWhatOthersSave):
    """Steps, and the chart of them."""

    form = FunnelForm
    list_display = ("name", "sentence", "window", "chart_link")
    search_fields = ("name",)
    actions_detail = ("chart",)

    class Media:
        css = {"all": ("segments/pages.css",)}

    @admin.display(description="steps")
    def sentence(self, funnel: Funnel) -> str:
        """Say the steps."""
        return " → ".join(step.said for step in read_steps(funnel.steps))

    @admin.display(description="within")
    def window(self, funnel: Funnel) -> str:
        """Say the time for all steps."""
        return duration_words(funnel.window_minutes)

    @admin.display(description="chart")
    def chart_link(self, funnel: Funnel) -> SafeString:
        """Lead to the chart."""
        page = reverse("admin:segments_funnel_chart", args=[funnel.pk])
        return format_html('<a class="underline" href="{}">Who leaves where</a>', page)

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Who leaves where", url_path="chart", permissions=["view"]
    )
    def chart(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show how many took each step; make a segment of those who did not, when asked to."""
        funnel = get_object_or_404(Funnel, pk=object_id)
        if request.method == "POST":
            return _make_segment(request, funnel)
        form = PeriodForm(request.GET if "days" in request.GET else {"days": USUAL})
        days = form.cleaned_data["days"] if form.is_valid() else USUAL
        context = {
            **self.admin_site.each_context(request),
            "title": f"Who leaves where: “{funnel}”",
            "opts": self.opts,
            "funnel": funnel,
            "window": self.window(funnel),
            "form": form,
            "days": days,
            "may_make": request.user.has_perm("segments.add_segment"),
            **_counted(funnel, days, Disclosure.to(request.user.has_perm)),
        }
        return TemplateResponse(request, "admin/segments/funnel/chart.html", context)


def _make_segment(request: HttpRequest, funnel: Funnel) -> HttpResponse:
    if not request.user.has_perm("segments.add_segment"):
        raise PermissionDenied
    page = reverse("admin:segments_funnel_chart", args=[funnel.pk])
    form = DropForm(request.POST)
    if not form.is_valid() or form.cleaned_data["after"] >= len(funnel.steps):
        messages.error(request, "Choose a step that another one follows.")
        return HttpResponseRedirect(page)
    try:
        with limited_time(seconds=SECONDS):
            by, now = request.user.get_username(), timezone.now()
            made = make_segment(funnel=funnel, by=by, now=now, **form.cleaned_data)
    except TookTooLong:
        messages.error(request, "Finding them took too long. Choose a shorter period.")
        return HttpResponseRedirect(page)
    if made.member_list is not None:
        tell_soon(made.member_list)
    members = Disclosure.to(request.user.has_perm).number(made.members)
    messages.success(request, f"A draft of {members} people. {made.reason}")
    return HttpResponseRedirect(reverse("admin:segments_segment_change", args=[made.segment.pk]))


def _counted(funnel: Funnel, days: int, shown: Disclosure) -> dict[str, Any]:
    now = timezone.now()
    period = Period.of_days(days, now=now)
    steps, window = read_steps(funnel.steps), timedelta(minutes=funnel.window_minutes)
    try:
        with limited_time(seconds=SECONDS):
            found = count_steps(steps=steps, window=window, period=period, now=now)
            earlier = count_steps(steps=steps, window=window, period=period.before, now=now)
            covered = days_covered(steps=steps, period=period.before)
    except TookTooLong:
        return {"problem": "Counting took too long. Choose a shorter period."}
    return {
        "is_exact": shown.is_exact,
        "rows": told_steps(found, earlier, shown),
        "is_empty": not found[0].visitors,
        "covered": covered,
    }


def told_steps(
    found: list[Reached], earlier: list[Reached], shown: Disclosure
) -> list[dict[str, Any]]:
    """Return what the chart shows of the steps, beside those of the period before."""
    found, earlier = (known_steps(one, part=shown.part) for one in (found, earlier))
    first, first_earlier = found[0].visitors, earlier[0].visitors
    before = [first, *(one.visitors for one in found)]
    return [
        {
            "number": number,
            "said": one.step.said.capitalize() if one.step.said.islower() else one.step.said,
            **_numbers(one, first, before[number - 1], shown),
            "of_before": shown.share_of_sum(one.visitors, before[number - 1], decimals=1)
            if number > 1
            else "",
            "earlier": shown.share_of_sum(past.visitors, first_earlier, decimals=1)
            if first_earlier
            else "",
            "still": shown.sum(one.still_in_time) if one.still_in_time else "",
            "is_last": number == len(found),
        }
        for number, (one, past) in enumerate(zip(found, earlier, strict=True), start=1)
    ]


def _numbers(one: Reached, first: int, before: int, shown: Disclosure) -> dict[str, Any]:
    """Return how many came here; where that is not told, neither the share nor the bar tells it."""
    drawn = shown.drawn(one.visitors, before)
    is_hidden = shown.hides(one.visitors, before)
    return {
        "visitors": shown.sum(one.visitors, first, before),
        "width": round(100 * drawn / first, 2) if first else 0,
        "share": UNTOLD if is_hidden else shown.share_of_sum(one.visitors, first, decimals=1),
        "dropped": shown.sum(one.dropped, one.visitors),
    }
