"""Publications in the admin."""

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

from personalization.segments.admin.objecting import show_objections
from personalization.segments.models import Publication
from personalization.segments.publishing import NotPublishable, revert


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
