"""The page on which all segments and activities are checked."""

from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from personalization.segments.checking import check_everything
from personalization.segments.linting import SEVERITIES, Finding

TITLES: Final = {
    "error": "Cannot work",
    "warning": "Will surprise",
    "hint": "Could be tidied",
}


class CheckPage(ModelAdmin):
    """Adds the page to the list of segments; list "lint" among its `actions_list`."""

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Check", url_path="lint", permissions=["view"]
    )
    def lint(self, request: HttpRequest) -> HttpResponse:
        """Show what is wrong, the worst first."""
        found = check_everything(now=timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": "Check of segments and activities",
            "opts": self.opts,
            "groups": [*_grouped(found)],
        }
        return TemplateResponse(request, "admin/segments/segment/lint.html", context)


def _grouped(found: Iterable[Finding]) -> Iterable[dict[str, Any]]:
    findings = list(found)
    for severity in SEVERITIES:
        rows = [
            {"finding": one, "url": _url(one), "kind": apps.get_model(one.model)._meta.verbose_name}
            for one in findings
            if one.severity == severity
        ]
        if rows:
            yield {"severity": severity, "title": TITLES[severity], "rows": rows}


def _url(finding: Finding) -> str:
    return reverse(f"admin:{finding.model.replace('.', '_')}_change", args=[finding.pk])
