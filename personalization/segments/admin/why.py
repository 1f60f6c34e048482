"""The page on which a segment says why a profile is in it or not."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from personalization.profiles.models import Profile
from personalization.segments.asking import ask_why, readings_of, visit_names
from personalization.segments.golden import freeze_visitor
from personalization.segments.golden_forms import GoldenNameForm
from personalization.segments.models import Segment
from personalization.segments.why_forms import WhyForm

LEFT_OPEN: Final = (
    "Nothing is expected of it in “{}”: what is kept of a visitor does not say whether it belongs"
    " there."
)


class WhyPage(ModelAdmin):
    """Adds the page to a segment; list "why" among its `actions_detail`."""

    def has_view_profiles_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Show what is known of one visitor to those who may see profiles."""
        return request.user.has_perm("profiles.view_profile")

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Why / why not",
        url_path="why",
        permissions=["view", "view_profiles"],
    )
    def why(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a profile, and show what each condition makes of it."""
        segment = get_object_or_404(Segment, pk=object_id)
        readings = readings_of(segment)
        form = WhyForm(_asked(request), context_names=visit_names(readings))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Why is someone in “{segment}”, or not?",
            "opts": self.opts,
            "segment": segment,
            "form": form,
        }
        if form.is_valid():
            profile = form.cleaned_data["profile"]
            _log(request, profile, segment)
            golden = _golden_form(request)
            if golden is not None and golden.is_valid():
                return _freeze(request, golden.cleaned_data["name"], segment, form)
            context |= {
                "profile": profile,
                "golden": golden,
                "answers": ask_why(
                    readings=readings, profile=profile, context=form.context(), now=timezone.now()
                ),
            }
        return TemplateResponse(request, "admin/segments/segment/why.html", context)


def _golden_form(request: HttpRequest) -> GoldenNameForm | None:
    if not request.user.has_perm("segments.add_goldenvisitor"):
        return None
    return GoldenNameForm(request.POST if "_golden" in request.POST else None)


def _freeze(request: HttpRequest, name: str, segment: Segment, form: WhyForm) -> HttpResponse:
    frozen = freeze_visitor(
        name=name,
        profile=form.cleaned_data["profile"],
        segment=segment,
        context=form.context(),
        now=timezone.now(),
    )
    messages.success(request, f"“{frozen}” is kept. Say what you expect of it, and save.")
    if not (frozen.belongs_to.exists() or frozen.stays_out_of.exists()):
        messages.warning(request, LEFT_OPEN.format(segment))
    return HttpResponseRedirect(reverse("admin:segments_goldenvisitor_change", args=[frozen.pk]))


def _asked(request: HttpRequest) -> Any:
    # A link may name a profile by its number; identifiers never travel in an address.
    if request.method == "POST":
        return request.POST
    number = request.GET.get("profile", "")
    return {"profile": number} if number.isdecimal() else None


def _log(request: HttpRequest, profile: Profile, segment: Segment) -> None:
    LogEntry.objects.create(
        user_id=int(request.user.pk or 0),
        content_type=ContentType.objects.get_for_model(Profile),
        object_id=str(profile.pk),
        object_repr=str(profile),
        action_flag=CHANGE,
        change_message=f"Read: asked why it is in the segment “{segment}” or not.",
    )
