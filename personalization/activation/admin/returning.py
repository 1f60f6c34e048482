"""Back to the segment from whose page something was set up."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin


class ReturnsToSegment(ModelAdmin):
    """Leads back to the segment that the address names in `of`, once something is saved."""

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead back from a new one."""
        return _segment_page(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead back from one that was there."""
        return _segment_page(request) or super().response_post_save_change(request, obj)


def _segment_page(request: HttpRequest) -> HttpResponse | None:
    number = request.GET.get("of", "")
    if not number.isdecimal():
        return None
    return HttpResponseRedirect(reverse("admin:segments_segment_change", args=[number]))
