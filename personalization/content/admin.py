"""Activities, their variations and placements in the admin."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.admin import StackedInline
from unfold.decorators import display

from personalization.content.activity_form import ActivityForm
from personalization.content.models import Activity, Placement, Variation
from personalization.content.previewing import preview_variations
from personalization.content.publishing import (
    activity_changes,
    publish_activity,
    publish_placement,
    unpublish_activity,
    unpublish_placement,
)
from personalization.content.sanitising import removed_parts
from personalization.segments.admin.meanwhile import SeesWhatOthersSave
from personalization.segments.admin.objecting import TakesOfflineFirst, show_objections
from personalization.segments.admin.scheduling import SchedulePage
from personalization.segments.models import PublishingPolicy
from personalization.segments.publishing import Changes, NotPublishable
from personalization.segments.standing import latest_unfinished
from personalization.segments.states import LABELS, is_live, state_of, with_live


class VariationInline(StackedInline):
    """What is shown; of several, each visitor keeps seeing the same."""

    model = Variation
    extra = 0
    min_num = 1
    fieldsets = (
        (None, {"fields": (("name", "weight"), "kind")}),
        (
            "Content",
            {
                "fields": (
                    "headline",
                    "text",
                    "link",
                    "button_label",
                    "tone",
                    "html",
                    "title",
                    "strategy",
                    "limit",
                    "trait",
                    "answers",
                )
            },
        ),
    )


@admin.register(Activity)
class ActivityAdmin(SeesWhatOthersSave, TakesOfflineFirst, SchedulePage):
    """What to show to whom; saving keeps a draft, publishing makes it live."""

    form = ActivityForm
    list_display = ("name", "placement", "for_whom", "priority", "state", "starts_at", "ends_at")
    list_filter = ("placement", "segment")
    list_select_related = ("placement", "segment")
    search_fields = ("name",)
    inlines = (VariationInline,)
    warn_unsaved_form = True
    actions_detail = ("schedule",)
    fieldsets = (
        (None, {"fields": ("name", "segment", "placement", "priority")}),
        ("Schedule", {"fields": ("starts_at", "ends_at")}),
    )

    class Media:
        css = {"all": ("personalization/blocks.css", "segments/builder.css", "segments/pages.css")}
        js = ("content/variations.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        """Add what is live."""
        found = super().get_queryset(request).prefetch_related("variations")
        return with_live(found, section="activities")

    @admin.display(description="for", ordering="segment")
    def for_whom(self, activity: Activity) -> str:
        """Name the segment."""
        return activity.segment.name if activity.segment else "Everyone"

    @display(description="state", label=LABELS)
    def state(self, activity: Any) -> str:
        """Say whether visitors meet it as it is saved."""
        return state_of(activity.live, activity.definition(), now=timezone.now())

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the saved variations as visitors would see them."""
        context["may_publish"] = request.user.has_perm("segments.add_publication")
        context["needs_approval"] = PublishingPolicy.requires_approval()
        activity: Activity | None = kwargs.get("obj")
        if activity is not None:
            context["previews"] = preview_variations(activity)
            context["proposal"] = latest_unfinished(f"activities/{activity.key}")
            context["is_live"] = is_live("activities", activity.key)
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def save_formset(
        self, request: HttpRequest, form: Any, formset: BaseModelFormSet[Any, Any], change: bool
    ) -> None:
        """Say what sanitising took out of the HTML."""
        for one in formset.forms:
            removed = removed_parts(one.cleaned_data.get("html") or "")
            if removed:
                message = f"Removed from the HTML because it is not safe: {', '.join(removed)}."
                messages.warning(request, message)
        super().save_formset(request, form, formset, change)

    def take_offline(self, request: HttpRequest, obj: Activity) -> None:
        """Take it offline where it is live."""
        if is_live("activities", obj.key):
            unpublish_activity(activity=obj, by=request.user.get_username(), now=timezone.now())

    def what_goes_live(self, obj: Activity, now: datetime) -> tuple[Changes, str]:
        """Return the activity as it is saved, with what it stands on."""
        return activity_changes(activity=obj, now=now)

    def response_add(
        self, request: HttpRequest, obj: Activity, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Publish after saving, where that was asked for."""
        return self._act(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Activity) -> HttpResponse:
        """Publish or take offline after saving, where that was asked for."""
        return self._act(request, obj) or super().response_change(request, obj)

    def _act(self, request: HttpRequest, activity: Activity) -> HttpResponse | None:
        actions = {"_publish": self._publish, "_unpublish": self._unpublish}
        asked = [act for name, act in actions.items() if name in request.POST]
        if not asked:
            return None
        if request.user.has_perm("segments.add_publication"):
            asked[0](request, activity)
        else:
            messages.error(request, "Saved. You may not publish; ask someone who may.")
        return HttpResponseRedirect(reverse("admin:content_activity_change", args=[activity.pk]))

    def _publish(self, request: HttpRequest, activity: Activity) -> None:
        by, now = request.user.get_username(), timezone.now()
        # Read anew: the variations were saved after the activity was loaded.
        saved = Activity.objects.get(pk=activity.pk)
        try:
            published = publish_activity(activity=saved, by=by, now=now)
        except NotPublishable as error:
            show_objections(self, request, error)
            return
        state = state_of(saved.definition(), saved.definition(), now=now)
        messages.success(request, f"“{activity}” is {state} as version {published.version}.")

    def _unpublish(self, request: HttpRequest, activity: Activity) -> None:
        by = request.user.get_username()
        try:
            published = unpublish_activity(activity=activity, by=by, now=timezone.now())
        except NotPublishable as error:
            show_objections(self, request, error)
            return
        messages.success(request, f"“{activity}” is offline since version {published.version}.")


@admin.register(Placement)
class PlacementAdmin(TakesOfflineFirst):
    """Where on the pages content can go; known to the pages as soon as it is saved."""

    list_display = ("name", "key", "fallback_note")
    search_fields = ("name", "key")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the key, which the templates of the pages name."""
        return ("key",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Placement, form: Any, change: bool) -> None:
        """Make it known to the pages."""
        super().save_model(request, obj, form, change)
        try:
            publish_placement(placement=obj, by=request.user.get_username(), now=timezone.now())
        except NotPublishable as error:
            show_objections(self, request, error)

    def take_offline(self, request: HttpRequest, obj: Placement) -> None:
        """Forget it in the pages too."""
        unpublish_placement(placement=obj, by=request.user.get_username(), now=timezone.now())
