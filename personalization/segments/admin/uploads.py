"""Lists on their way in, in the admin: how far they are, what was refused, and once more."""

import csv
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from personalization.segments.list_forms import ListForm
from personalization.segments.list_telling import read_soon, tell_soon
from personalization.segments.models import FINAL, ListUpload, Segment
from personalization.segments.upload_reading import try_again

GONE = "What was uploaded is no longer there. Upload it again."


class UploadPages(ModelAdmin):
    """Adds what a list's page asks while a worker reads it."""

    def keep_list(self, request: HttpRequest, form: ListForm, now: datetime) -> None:
        """Keep the list that was given with a segment, and tell what became of it."""
        publishes = "_publish" in request.POST and request.user.has_perm("segments.add_publication")
        kept = form.keep(publishes=publishes, by=request.user.get_username(), now=now)
        for line in kept.told:
            messages.info(request, line)
        if kept.member_list is not None:
            tell_soon(kept.member_list)
        if kept.upload is not None:
            read_soon(kept.upload)

    def lists_of(self, segment: Segment | None) -> dict[str, Any]:
        """Return a segment's lists, and the upload that came last."""
        if segment is None:
            return {}
        return {"lists": segment.lists.all(), "upload": segment.uploads.first()}

    def is_being_read(self, segment: Segment) -> bool:
        """Whether a list of it is on its way."""
        return segment.uploads.exclude(state__in=FINAL).exists()

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of uploads."""
        pages = {
            "progress.json": (self.upload_progress, "progress"),
            "refused.csv": (self.upload_refused, "refused"),
            "try-again": (require_POST(self.upload_again), "again"),
        }
        own = [
            path(
                f"upload/<int:upload_id>/{address}",
                self.admin_site.admin_view(view),
                name=f"segments_listupload_{name}",
            )
            for address, (view, name) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def upload_progress(self, request: HttpRequest, upload_id: int) -> JsonResponse:
        """Answer how far a worker is."""
        return JsonResponse(self._upload(request, upload_id).as_progress())

    def upload_refused(self, request: HttpRequest, upload_id: int) -> HttpResponse:
        """Give the refused lines as a file: where each is and why, not what stood there."""
        upload = self._upload(request, upload_id)
        name = f"{upload.segment.key}-refused-{upload.pk}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        answer = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
        rows = csv.writer(answer)
        rows.writerow(("line", "reason"))
        rows.writerows(upload.refusals)
        return answer

    def upload_again(self, request: HttpRequest, upload_id: int) -> HttpResponse:
        """Have a failed upload read once more."""
        upload = self._upload(request, upload_id)
        if not self.has_change_permission(request, upload.segment):
            raise PermissionDenied
        if try_again(upload, now=timezone.now()):
            read_soon(upload)
        else:
            messages.error(request, GONE)
        page = reverse("admin:segments_segment_change", args=[upload.segment_id])
        return HttpResponseRedirect(page)

    def _upload(self, request: HttpRequest, upload_id: int) -> ListUpload:
        upload = get_object_or_404(ListUpload.objects.select_related("segment"), pk=upload_id)
        if not self.has_view_permission(request, upload.segment):
            raise PermissionDenied
        return upload
