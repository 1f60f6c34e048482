"""The page on which a segment says why a profile is in it or not."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from personalization.profiles.models import Profile
from personalization.segments.asking import ask_why, readings_of, visit_names
from personalization.segments.models import Segment
from personalization.segments.why_forms import WhyForm


class WhyPage(ModelAdmin):
    """Adds the page to a segment; list "why" among its `actions_detail`."""

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Why / why not",
        url_path="why",
        permissions=("segments.view_segment", "profiles.view_profile"),
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
            profile, visit = form.cleaned_data["profile"], form.context()
            now = timezone.now()
            _log(request, profile, segment)
            context["profile"] = profile
            context["answers"] = ask_why(readings=readings, profile=profile, context=visit, now=now)
        return TemplateResponse(request, "admin/segments/segment/why.html", context)


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
