"""Segments in the admin."""

from datetime import datetime
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet, Value
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from personalization.rules.parsing import RuleError
from personalization.segments.admin.check import CheckPage
from personalization.segments.admin.deleting import DeletesUnused
from personalization.segments.admin.drafts import TellsWhatWasSaved
from personalization.segments.admin.filters import OwnerFilter, StateFilter, UseFilter
from personalization.segments.admin.meanwhile import SeesWhatOthersSave
from personalization.segments.admin.members import MembersPages
from personalization.segments.admin.objecting import show_objections
from personalization.segments.admin.saying import SaysRules
from personalization.segments.admin.scheduling import SchedulePage
from personalization.segments.admin.start import StartPage
from personalization.segments.admin.uploads import UploadPages
from personalization.segments.admin.versions import VersionsPage
from personalization.segments.admin.why import WhyPage
from personalization.segments.calling import SavedNames
from personalization.segments.disclosing import Disclosure
from personalization.segments.drawing import chart, sparkline
from personalization.segments.ending import void_edited
from personalization.segments.following import what_follows
from personalization.segments.forms import ACT, RuleBuilder
from personalization.segments.history import record_saving
from personalization.segments.kind_form import KindForm
from personalization.segments.kind_forms import FORMS
from personalization.segments.list_forms import ListForm
from personalization.segments.models import Kind, PublishingPolicy, Segment, saved_rule
from personalization.segments.panel import panel_as_shown
from personalization.segments.previewing import preview_rule
from personalization.segments.publishing import (
    Changes,
    NotPublishable,
    publish_segment,
)
from personalization.segments.recognising import unknown_names
from personalization.segments.restoring import live_version
from personalization.segments.ruling_out import why_nobody
from personalization.segments.segment_form import SegmentForm
from personalization.segments.sizing import recent_sizes, with_sizes
from personalization.segments.standing import latest_unfinished
from personalization.segments.starting import template_of
from personalization.segments.states import LABELS, state_of, with_live
from personalization.segments.suggesting import Suggestions, suggestions

# In the order in which each needs those before it.
SCRIPTS: Final = (
    "facts",
    "search",
    "naming",
    "circle",
    "map",
    "bars",
    "carrying",
    "dragging",
    "complaints",
    "signing",
    "drafts",
    "expert",
    "builder",
)
STYLES: Final = ("builder", "map", "picker", "pages")
VOIDED: Final = (
    "What {by} submitted for approval is void by this change: submit it again when it is finished."
)


@admin.register(Segment)
class SegmentAdmin(
    TellsWhatWasSaved,
    SeesWhatOthersSave,
    DeletesUnused,
    SaysRules,
    WhyPage,
    VersionsPage,
    MembersPages,
    SchedulePage,
    StartPage,
    CheckPage,
    UploadPages,
):
    """Conditions as rows, with whom they match beside them."""

    form = SegmentForm
    fields = ("name", "description")
    list_display = (
        "name",
        "kind",
        "sentence",
        "state",
        "live_since",
        "size",
        "owner",
        "updated_at",
    )
    list_filter = ("kind", StateFilter, UseFilter, OwnerFilter, "updated_at")
    list_select_related = ("created_by",)
    search_fields = ("name", "key", "description")
    list_per_page = 50
    warn_unsaved_form = True
    actions_detail = ("why", "composition", "export", "versions", "schedule")
    actions_list = ("start", "overlap", "lint")

    class Media:
        css = {"all": tuple(f"segments/{name}.css" for name in STYLES)}
        js = (
            *(f"segments/{name}.js" for name in SCRIPTS),
            Script("segments/paste.js", defer=True),
            Script("learning/progress.js", defer=True),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        """Add what is live, and how large it was lately, with how exactly that may be told."""
        found = with_live(super().get_queryset(request), section="segments")
        is_exact = Disclosure.to(request.user.has_perm).is_exact
        sized: QuerySet[Segment] = with_sizes(found, today=timezone.now().date())
        return sized.annotate(is_exact=Value(is_exact))

    @display(description="state", label=LABELS)
    def state(self, segment: Any) -> str:
        """Say whether visitors meet it as it is saved."""
        return state_of(segment.live, segment.definition(), now=timezone.now())

    @admin.display(description="size", empty_value="not counted yet", ordering="last_size")
    def size(self, segment: Any) -> SafeString | None:
        """Draw the size of the last weeks, beside what it was last."""
        if not segment.sizes:
            return None
        shown = Disclosure(segment.is_exact)
        return sparkline(segment.sizes, totals=segment.size_totals, shown=shown)

    @admin.display(description="version", empty_value="never")
    def live_since(self, segment: Any) -> str | None:
        """Name the version that changed it last."""
        return f"Version {segment.live_version}" if segment.live_version else None

    @admin.display(description="owner", ordering="created_by__username", empty_value="-")
    def owner(self, segment: Segment) -> str | None:
        """Name who made it."""
        return segment.created_by.get_username() if segment.created_by else None

    def get_fields(self, request: HttpRequest, obj: Segment | None = None) -> tuple[str, ...]:
        """Add what a kind asks for besides its names."""
        form = FORMS.get(_kind(request, obj))
        return (*self.fields, *form.extra) if form else self.fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Name a new segment after the template it starts from."""
        template = template_of(request.GET.get("template", ""))
        return {"name": template.name, "description": template.purpose} if template else {}

    def get_form(
        self, request: HttpRequest, obj: Segment | None = None, **kwargs: Any
    ) -> type[SegmentForm] | type[KindForm]:
        """Return the form of the kind; for a rule with its builder, filled by whoever knows."""
        of_kind = FORMS.get(_kind(request, obj))
        if of_kind is not None:
            chosen: type[KindForm] = super().get_form(request, obj, form=of_kind, **kwargs)
            return chosen
        form: type[SegmentForm] = super().get_form(request, obj, **kwargs)
        offered = suggestions()
        if request.method == "POST" and "rule-TOTAL_FORMS" in request.POST:
            form.builder = _builder_sent(request, offered, obj)
        else:
            template = template_of(request.GET.get("template", ""))
            shown = obj.rule if obj else template.rule if template else None
            form.builder = RuleBuilder.showing(shown, offered)
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show beside the rule whom it matches, as far as it can be read."""
        context["may_publish"] = request.user.has_perm("segments.add_publication")
        context["needs_approval"] = PublishingPolicy.requires_approval()
        segment: Segment | None = kwargs.get("obj")
        context["proposal"] = latest_unfinished(f"segments/{segment.key}") if segment else None
        context["follows"] = what_follows(segment=segment, user=request.user) if segment else ()
        context["live"] = live_version(segment) if segment else None
        context |= self.lists_of(segment)
        sizes = recent_sizes(segment, timezone.now()) if segment else []
        context["size_chart"] = chart(sizes, shown=Disclosure.to(request.user.has_perm))
        builder = getattr(context["adminform"].form, "builder", None)
        context |= _panel(builder, segment)
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        """Remember who made it, and what it was before."""
        before = Segment.objects.filter(pk=obj.pk).first() if change else None
        if not change:
            obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)
        by, now = request.user.get_username(), timezone.now()
        if isinstance(form, ListForm):
            self.keep_list(request, form, now)
        record_saving(segment=obj, before=before, by=by, now=now)
        for one in unknown_names(obj.parsed_rule):
            messages.warning(request, one.message)
        if "_publish" not in request.POST:
            self._warn(request, obj)
            for ended in void_edited(key=obj.key, now=now):
                messages.warning(request, VOIDED.format(by=ended.submitted_by))

    def _warn(self, request: HttpRequest, segment: Segment) -> None:
        """Say of a draft that nobody can be in it; publishing it asks for a confirmation."""
        rule, names = segment.parsed_rule, SavedNames()
        reason = why_nobody(rule, resolve=saved_rule, key=segment.key, names=names)
        if reason:
            messages.warning(request, f"Nobody can be in it: {reason}.")

    def what_goes_live(self, obj: Segment, now: datetime) -> tuple[Changes, str]:
        """Return the segment as it is saved."""
        return {("segments", obj.key): obj.definition()}, f"Segment “{obj.name}”"

    def response_add(
        self, request: HttpRequest, obj: Segment, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Publish after saving, where that was asked for."""
        if "_publish" in request.POST:
            return self._publish(request, obj)
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        return answer

    def response_change(self, request: HttpRequest, obj: Segment) -> HttpResponse:
        """Publish after saving, where that was asked for."""
        if "_publish" in request.POST:
            return self._publish(request, obj)
        answer: HttpResponse = super().response_change(request, obj)
        return answer

    def _publish(self, request: HttpRequest, segment: Segment) -> HttpResponse:
        if not request.user.has_perm("segments.add_publication"):
            messages.error(request, "Saved. You may not publish; ask someone who may.")
        elif self.is_being_read(segment):
            messages.info(request, "It goes live as soon as the list is whole.")
        else:
            self._publish_or_say_why(request, segment)
        return HttpResponseRedirect(reverse("admin:segments_segment_change", args=[segment.pk]))

    def _publish_or_say_why(self, request: HttpRequest, segment: Segment) -> None:
        by = request.user.get_username()
        try:
            published = publish_segment(
                segment=segment, by=by, now=timezone.now(), insists="insists" in request.POST
            )
        except NotPublishable as error:
            show_objections(self, request, error)
        else:
            messages.success(request, f"“{segment}” is live as version {published.version}.")


def _builder_sent(
    request: HttpRequest, offered: Suggestions, segment: Segment | None
) -> RuleBuilder:
    """Return the builder as it was sent, after a button that only changes its rows."""
    if ACT in request.POST:
        return RuleBuilder.arranged(request.POST, offered, now=timezone.now())
    return RuleBuilder.sent(request.POST, offered, key=segment.key if segment else "")


def _panel(builder: RuleBuilder | None, segment: Segment | None) -> dict[str, Any]:
    """Return whom the rule matches: as it is in the form, or as it is saved where there is none."""
    if builder is not None:
        return panel_as_shown(builder, now=timezone.now())
    if segment is None or not segment.rule:
        return {}
    try:
        found = preview_rule(
            rule=segment.parsed_rule, now=timezone.now(), is_hasty=True, names=SavedNames()
        )
    except RuleError as error:
        return {"panel_errors": [str(error)]}
    return {"preview": found}


def _kind(request: HttpRequest, segment: Segment | None) -> str:
    return segment.kind if segment else request.GET.get("kind", Kind.DYNAMIC)
