"""The page on which a segment shows its versions and goes back to one."""

from typing import Any, Final

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
from personalization.segments.publishing import NotPublishable, unpublish_segment
from personalization.segments.restoring import (
    AlreadyLive,
    NoSuchVersion,
    live_version,
    restore_segment,
    take_over_live,
    versions_of,
)

NAMED: Final = "segments_segment_"


class VersionsPage(ModelAdmin):
    """Adds the pages to a segment; list "versions" among its `actions_detail`."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which one goes back, takes offline, or takes over what is live."""
        views = {
            "versions/<int:version>/restore": ("restore", self.restore),
            "offline": ("offline", self.offline),
            "take-over": ("take_over", self.take_over),
        }
        pages = [
            path(f"<int:pk>/{address}/", self.admin_site.admin_view(view), name=f"{NAMED}{name}")
            for address, (name, view) in views.items()
        ]
        urls: list[URLPattern] = super().get_urls()
        return [*pages, *urls]

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
            "live": live_version(segment),
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

    def offline(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, and then let nobody belong to this segment any more; it stays as it is saved."""
        if not request.user.has_perm("segments.add_publication"):
            raise PermissionDenied
        segment = get_object_or_404(Segment, pk=pk)
        if request.method == "POST":
            self._take_offline(request, segment)
            return HttpResponseRedirect(reverse("admin:segments_segment_versions", args=[pk]))
        if live_version(segment) is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"Take “{segment}” offline?",
            "opts": self.opts,
            "segment": segment,
        }
        return TemplateResponse(request, "admin/segments/segment/offline.html", context)

    def take_over(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Throw away what was saved since the segment went live; only by POST."""
        segment = get_object_or_404(Segment, pk=pk)
        if request.method != "POST" or not self.has_change_permission(request, segment):
            raise PermissionDenied
        try:
            take_over_live(segment=segment, by=request.user.get_username(), now=timezone.now())
        except NoSuchVersion:
            messages.error(request, f"“{segment}” is not live, so there is nothing to take over.")
        else:
            messages.success(request, f"“{segment}” is saved as it is live.")
        return HttpResponseRedirect(reverse("admin:segments_segment_change", args=[pk]))

    def _take_offline(self, request: HttpRequest, segment: Segment) -> None:
        try:
            unpublish_segment(segment=segment, by=request.user.get_username(), now=timezone.now())
        except NotPublishable as error:
            show_objections(self, request, error)
        else:
            messages.success(request, f"“{segment}” is offline. It stays here as it is saved.")

    def _restore(self, request: HttpRequest, segment: Segment, version: int) -> None:
        by = request.user.get_username()
        try:
            published = restore_segment(
                segment=segment, to_version=version, by=by, now=timezone.now()
            )
        except NoSuchVersion:
            messages.error(request, f"There is no version {version} of this segment.")
        except AlreadyLive:
            said = f"Nothing was published: “{segment}” is live as in version {version} already."
            messages.error(request, said)
        except NotPublishable as error:
            show_objections(self, request, error)
        else:
            said = f"“{segment}” is as in version {version} again, live as {published.version}."
            messages.success(request, said)
