"""The page on which a new segment starts: from a template, a list, other segments or a score."""

from itertools import groupby
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.decorators import action

from personalization.segments.models import Kind
from personalization.segments.starting import templates

KINDS: Final = (
    (Kind.DYNAMIC, "A rule", "Conditions on what people do and what is known of them."),
    (Kind.STATIC, "A list", "Paste or upload ids or addresses, or freeze another segment."),
    (Kind.COMBINED, "A combination", "Who is in several segments, in any of them, not in others."),
    (Kind.PREDICTIVE, "A score", "Who scores between two numbers, as a model says."),
)


class StartPage(ModelAdmin):
    """Adds the page to the list of segments; list "start" among its `actions_list`."""

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Start from a template", url_path="start", permissions=["add"]
    )
    def start(self, request: HttpRequest) -> HttpResponse:
        """Show what there is to start from."""
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Start a segment",
            "opts": self.opts,
            "kinds": KINDS,
            "groups": [
                (group, list(found))
                for group, found in groupby(templates(), key=lambda one: one.group)
            ],
        }
        return TemplateResponse(request, "admin/segments/segment/start.html", context)
