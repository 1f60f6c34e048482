"""Segments and publications in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from personalization.segments.forms import RuleBuilder, SegmentForm
from personalization.segments.models import Publication, Segment
from personalization.segments.previewing import preview_rule
from personalization.segments.publishing import (
    NotPublishable,
    publish_segment,
    revert,
    unpublish_segment,
)
from personalization.segments.rules import RuleError
from personalization.segments.sentences import rule_sentence
from personalization.segments.states import LABELS, is_live, state_of, with_live
from personalization.segments.suggesting import suggestions


@admin.register(Segment)
class SegmentAdmin(ModelAdmin):
    """Conditions as rows, with whom they match beside them."""

    form = SegmentForm
    fields = ("name", "description")
    list_display = ("name", "sentence", "state", "live_since", "updated_at")
    search_fields = ("name", "description")
    warn_unsaved_form = True

    class Media:
        css = {"all": ("segments/builder.css",)}
        js = ("segments/builder.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        """Add what is live."""
        return with_live(super().get_queryset(request), section="segments")

    @admin.display(description="who")
    def sentence(self, segment: Segment) -> str:
        """Say the rule."""
        try:
            return rule_sentence(segment.parsed_rule)
        except RuleError as error:
            return f"Cannot be read: {error}"

    @display(description="state", label=LABELS)
    def state(self, segment: Any) -> str:
        """Say whether visitors meet it as it is saved."""
        return state_of(segment.live, segment.definition(), now=timezone.now())

    @admin.display(description="version", empty_value="never")
    def live_since(self, segment: Any) -> str | None:
        """Name the version that changed it last."""
        return f"Version {segment.live_version}" if segment.live_version else None

    def get_form(
        self, request: HttpRequest, obj: Segment | None = None, **kwargs: Any
    ) -> type[SegmentForm]:
        """Give the form its rule builder, filled from the browser or from the segment."""
        form: type[SegmentForm] = super().get_form(request, obj, **kwargs)
        offered = suggestions()
        if request.method == "POST" and "rule-TOTAL_FORMS" in request.POST:
            key = obj.key if obj else ""
            form.builder = RuleBuilder.sent(request.POST, offered, key=key)
        else:
            form.builder = RuleBuilder.showing(obj.rule if obj else None, offered)
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show beside the rule whom it matches, as far as it can be read."""
        context["may_publish"] = request.user.has_perm("segments.add_publication")
        segment: Segment | None = kwargs.get("obj")
        if segment and segment.rule:
            try:
                context["preview"] = preview_rule(rule=segment.parsed_rule, now=timezone.now())
            except RuleError as error:
                context["preview_errors"] = [str(error)]
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        """Remember who made it."""
        if not change:
            obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        """Take it offline first, where it is live."""
        if is_live("segments", obj.key):
            unpublish_segment(segment=obj, by=request.user.get_username(), now=timezone.now())
        super().delete_model(request, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Explain why a segment that is in use stays."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except NotPublishable as error:
            show_objections(self, request, error)
            return HttpResponseRedirect(reverse("admin:segments_segment_change", args=[object_id]))
        return answer

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        """Take each offline first, where it is live."""
        for segment in queryset:
            try:
                self.delete_model(request, segment)
            except NotPublishable as error:
                show_objections(self, request, error)

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
        else:
            self._publish_or_say_why(request, segment)
        return HttpResponseRedirect(reverse("admin:segments_segment_change", args=[segment.pk]))

    def _publish_or_say_why(self, request: HttpRequest, segment: Segment) -> None:
        by = request.user.get_username()
        try:
            published = publish_segment(segment=segment, by=by, now=timezone.now())
        except NotPublishable as error:
            show_objections(self, request, error)
        else:
            messages.success(request, f"“{segment}” is live as version {published.version}.")


@admin.register(Publication)
class PublicationAdmin(ModelAdmin):
    """Every version there was; nothing here is edited, but one can go back."""

    list_display = ("version", "is_live", "published_at", "published_by", "note", "changed", "undo")
    list_display_links = None
    search_fields = ("note", "published_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Publishing is a button on what is published."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the record as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the record whole."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        """Leave out the documents, which a list does not show, and say which is the latest."""
        latest = Publication.objects.order_by("-version").values("version")[:1]
        found = super().get_queryset(request).defer("document")
        annotated: QuerySet[Publication] = found.annotate(latest=Subquery(latest))
        return annotated

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which one goes back."""
        undo = path(
            "<int:version>/undo/",
            self.admin_site.admin_view(self.go_back),
            name="segments_publication_undo",
        )
        urls: list[URLPattern] = super().get_urls()
        return [undo, *urls]

    @display(description="state", label={"live": "success"})
    def is_live(self, publication: Any) -> str:
        """Mark the latest."""
        return "live" if publication.version == publication.latest else "earlier"

    @admin.display(description="what changed")
    def changed(self, publication: Publication) -> str:
        """List the entries that differ from the version before."""
        return ", ".join(publication.changes) or "nothing"

    @admin.display(description="")
    def undo(self, publication: Any) -> str:
        """Lead to the page on which one goes back; there is no going back to where one is."""
        if publication.version == publication.latest:
            return ""
        url = reverse("admin:segments_publication_undo", args=[publication.version])
        return format_html('<a class="underline" href="{}">Go back to this version</a>', url)

    def go_back(self, request: HttpRequest, version: int) -> HttpResponse:
        """Ask, and then make an earlier version live again."""
        publication = get_object_or_404(Publication, version=version)
        if not request.user.has_perm("segments.add_publication"):
            messages.error(request, "You may not publish; ask someone who may.")
            return HttpResponseRedirect(reverse("admin:segments_publication_changelist"))
        if request.method == "POST":
            self._go_back(request, publication)
            return HttpResponseRedirect(reverse("admin:segments_publication_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Go back to version {version}?",
            "opts": self.opts,
            "publication": publication,
        }
        return TemplateResponse(request, "admin/segments/publication/undo.html", context)

    def _go_back(self, request: HttpRequest, publication: Publication) -> None:
        by = request.user.get_username()
        try:
            published = revert(to_version=publication.version, by=by, now=timezone.now())
        except NotPublishable as error:
            show_objections(self, request, error)
            return
        said = f"Version {publication.version} is live again, as version {published.version}."
        self.message_user(request, said)


def show_objections(model_admin: ModelAdmin, request: HttpRequest, error: NotPublishable) -> None:
    """Tell a marketer why nothing was published."""
    for message in error.messages:
        model_admin.message_user(request, f"Not published. {message}", messages.ERROR)
