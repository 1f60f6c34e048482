"""Publications in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin
from unfold.decorators import display

from personalization.segments.admin.objecting import show_objections
from personalization.segments.differing import changes_between
from personalization.segments.models import Publication
from personalization.segments.publishing import NotPublishable, document_of, revert


@admin.register(Publication)
class PublicationAdmin(ModelAdmin):
    """Every version there was; nothing here is edited, but one can go back."""

    list_display = (
        "version",
        "is_live",
        "published_at",
        "published_by",
        "note",
        "changed",
        "links",
    )
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
        """Add the pages on which one sees what changed, and goes back."""
        undo = path(
            "<int:version>/undo/",
            self.admin_site.admin_view(self.go_back),
            name="segments_publication_undo",
        )
        changes = path(
            "<int:version>/changes/",
            self.admin_site.admin_view(self.show_changes),
            name="segments_publication_changes",
        )
        urls: list[URLPattern] = super().get_urls()
        return [undo, changes, *urls]

    @display(description="state", label={"live": "success"})
    def is_live(self, publication: Any) -> str:
        """Mark the latest."""
        return "live" if publication.version == publication.latest else "earlier"

    @admin.display(description="what changed")
    def changed(self, publication: Publication) -> str:
        """List the entries that differ from the version before."""
        return ", ".join(publication.changes) or "nothing"

    @admin.display(description="")
    def links(self, publication: Any) -> str:
        """Lead to what differs, and to going back; there is no going back to where one is."""
        links = [("What changed", "segments_publication_changes")]
        if publication.version != publication.latest:
            links.append(("Go back to this version", "segments_publication_undo"))
        return format_html_join(
            " · ",
            '<a class="underline" href="{}">{}</a>',
            ((reverse(f"admin:{name}", args=[publication.version]), text) for text, name in links),
        )

    def show_changes(self, request: HttpRequest, version: int) -> HttpResponse:
        """Show each changed entry as it was and as it became."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        publication = get_object_or_404(Publication, version=version)
        before = Publication.objects.filter(version=version - 1).first()
        context = {
            **self.admin_site.each_context(request),
            "title": f"What version {version} changed",
            "opts": self.opts,
            "publication": publication,
            "changes": changes_between(document_of(before), document_of(publication)),
        }
        return TemplateResponse(request, "admin/segments/publication/changes.html", context)

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
