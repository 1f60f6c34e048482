"""The page on which a segment shows its versions and goes back to one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from personalization.segments.admin.objecting import show_objections
from personalization.segments.history import history_of
from personalization.segments.models import Segment
from personalization.segments.publishing import NotPublishable
from personalization.segments.restoring import NoSuchVersion, restore_segment, versions_of


class VersionsPage(ModelAdmin):
    """Adds the pages to a segment; list "versions" among its `actions_detail`."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which one goes back."""
        restore = path(
            "<int:pk>/versions/<int:version>/restore/",
            self.admin_site.admin_view(self.restore),
            name="segments_segment_restore",
        )
        urls: list[URLPattern] = super().get_urls()
        return [restore, *urls]

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Versions", url_path="versions", permissions=["view"]
    )
    def versions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """List what was published of this segment, newest first."""
        segment = get_object_or_404(Segment, pk=object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Versions of “{segment}”",
            "opts": self.opts,
            "segment": segment,
            "versions": versions_of(segment),
            "may_publish": request.user.has_perm("segments.add_publication"),
        }
        return TemplateResponse(request, "admin/segments/segment/versions.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Tell who did what to the segment, newest first."""
        segment = get_object_or_404(Segment, pk=object_id)
        if not self.has_view_permission(request, segment):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"Who did what to “{segment}”",
            "opts": self.opts,
            "segment": segment,
            "deeds": history_of(segment.key),
        }
        return TemplateResponse(request, "admin/segments/segment/history.html", context)

    def restore(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Ask, and then make an earlier version of this segment live again."""
        if not request.user.has_perm("segments.add_publication"):
            raise PermissionDenied
        segment = get_object_or_404(Segment, pk=pk)
        if request.method == "POST":
            self._restore(request, segment, version)
            return HttpResponseRedirect(reverse("admin:segments_segment_versions", args=[pk]))
        found = [one for one in versions_of(segment) if one.publication.version == version]
        if not found or not found[0].can_return:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"Go back to version {version} of “{segment}”?",
            "opts": self.opts,
            "segment": segment,
            "chosen": found[0],
        }
        return TemplateResponse(request, "admin/segments/segment/restore.html", context)

    def _restore(self, request: HttpRequest, segment: Segment, version: int) -> None:
        by = request.user.get_username()
        try:
            published = restore_segment(
                segment=segment, to_version=version, by=by, now=timezone.now()
            )
        except NoSuchVersion:
            messages.error(request, f"There is no version {version} of this segment.")
        except NotPublishable as error:
            show_objections(self, request, error)
        else:
            said = f"“{segment}” is as in version {version} again, live as {published.version}."
            messages.success(request, said)
