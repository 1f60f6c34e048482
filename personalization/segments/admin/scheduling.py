"""The page on which something saved is given a time at which it becomes live."""

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from personalization.segments.admin.objecting import show_objections, show_replaced
from personalization.segments.publishing import Changes, NobodyIsIn, NotPublishable
from personalization.segments.submitting import submit

TYPED: Final = "%Y-%m-%dT%H:%M"
# Near the ends of the calendar a moment has no name on other clocks.
MOST_YEARS: Final = 100
FAR: Final = f"Choose a time within the next {MOST_YEARS} years."
SKIPPED: Final = (
    "The clocks of {} skip this time: they are put forward on that day. Choose an earlier or a"
    " later one."
)


class ScheduleForm(forms.Form):
    """A time on somebody's clock."""

    at = forms.DateTimeField(
        label="Live from",
        input_formats=[TYPED],
        widget=UnfoldAdminTextInputWidget({"type": "datetime-local"}),
        error_messages={"invalid": "Give a date and a time, such as 2026-03-31 09:00."},
    )
    zone = forms.ChoiceField(
        label="On the clocks of",
        initial="UTC",
        choices=[(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        widget=UnfoldAdminSelectWidget({"data-own-zone": ""}),
    )

    insists = forms.BooleanField(
        label="Publish although nobody can be in it", required=False, widget=forms.HiddenInput()
    )

    def must_confirm(self, error: NobodyIsIn) -> None:
        """Ask whether it is meant."""
        self.fields["insists"].widget = forms.CheckboxInput()
        self.add_error("insists", " ".join(error.messages))

    def clean(self) -> dict[str, Any]:
        """Turn the time into a moment, which must lie ahead."""
        cleaned = self.cleaned_data
        if self.errors:
            return cleaned
        if abs(cleaned["at"].year - timezone.now().year) > MOST_YEARS:
            self.add_error("at", FAR)
            return cleaned
        moment = cleaned["at"].replace(tzinfo=ZoneInfo(cleaned["zone"]))
        if not _exists(moment):
            self.add_error("at", SKIPPED.format(cleaned["zone"]))
        elif moment <= timezone.now():
            self.add_error("at", "This time has passed. Choose one that is still to come.")
        return {**cleaned, "moment": moment}


class SchedulePage(ModelAdmin):
    """Adds the page to something that can be live; list "schedule" among its `actions_detail`."""

    def what_goes_live(self, obj: Any, now: datetime) -> tuple[Changes, str]:
        """Return what publishing it changes, and what that is called; raises NotPublishable."""
        raise NotImplementedError

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Let those schedule who may publish."""
        return request.user.has_perm("segments.add_publication")

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Publish later", url_path="schedule", permissions=["publish"]
    )
    def schedule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a time, and let what is saved wait for it."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        obj = get_object_or_404(self.model, pk=object_id)
        form = ScheduleForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            page = self._schedule(request, obj, form)
            if page is not None:
                return HttpResponseRedirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish “{obj}” later",
            "opts": self.opts,
            "obj": obj,
            "form": form,
            "back": self._page(obj),
        }
        return TemplateResponse(request, "admin/segments/schedule.html", context)

    def _schedule(self, request: HttpRequest, obj: Any, form: ScheduleForm) -> str | None:
        """Let it wait, and return where to go on; None where something must be confirmed first."""
        now, moment = timezone.now(), form.cleaned_data["moment"]
        try:
            changes, note = self.what_goes_live(obj, now)
            by = request.user.get_username()
            proposal = submit(
                changes=changes,
                by=by,
                note=note,
                now=now,
                publish_at=moment,
                insists=form.cleaned_data["insists"],
            )
        except NobodyIsIn as error:
            form.must_confirm(error)
            return None
        except NotPublishable as error:
            show_objections(self, request, error)
            return self._page(obj)
        shown = f"{moment:%-d %b %Y, %H:%M} ({moment.tzinfo}), {_in_utc(moment)} UTC"
        waits = "" if proposal.state == proposal.State.SCHEDULED else ", once a colleague approves"
        self.message_user(request, f"“{obj}” goes live on {shown}{waits}.")
        show_replaced(request, proposal)
        return reverse("admin:segments_proposal_change", args=[proposal.pk])

    def _page(self, obj: Any) -> str:
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(page, args=[obj.pk])


def _exists(moment: datetime) -> bool:
    """Say whether a clock shows this time, and does not skip it."""
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None) == moment.replace(tzinfo=None)


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M}"
