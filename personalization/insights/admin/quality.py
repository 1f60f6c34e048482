"""The quality page: the latest report, and the button that makes a new one."""

from typing import Any, Final

import redis
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from consent.admin.reading import ReadOnlyAdmin
from personalization.events.models import RefusedEvent
from personalization.insights.models import Alert, QualityReport
from personalization.insights.reporting import latest_report
from personalization.insights.showing import folded, shown
from personalization.insights.tasks import continue_quality_report
from personalization.streams.burying import buried_count

MOST_REASONS: Final = 20
PAGE: Final = "admin:insights_qualityreport_changelist"


@admin.register(QualityReport)
class QualityReportAdmin(ReadOnlyAdmin):
    """One page instead of a list."""

    def get_urls(self) -> list[URLPattern]:
        """Add the address that the progress bar asks."""
        progress = path(
            "<int:pk>/progress.json",
            self.admin_site.admin_view(self.progress),
            name="insights_qualityreport_progress",
        )
        urls: list[URLPattern] = super().get_urls()
        return [progress, *urls]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the latest report, or start another."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_compute = request.user.has_perm("insights.add_qualityreport")
        if request.method == "POST":
            if not may_compute:
                raise PermissionDenied
            return _start(request)
        report = latest_report()
        findings = report.findings if report else []
        context = {
            **self.admin_site.each_context(request),
            "title": "Data quality",
            "opts": self.opts,
            "may_compute": may_compute,
            "running": _running(),
            "findings": findings,
            "folded_findings": folded(findings),
            "report": shown(report.content) if report else None,
            "alerts": Alert.objects.filter(ended_at__isnull=True),
            **_not_in(request),
        }
        return TemplateResponse(request, "admin/insights/quality.html", context)

    def progress(self, request: HttpRequest, pk: int) -> JsonResponse:
        """Answer how far a report is."""
        if not self.has_view_permission(request):
            return JsonResponse({}, status=403)
        report = get_object_or_404(QualityReport, pk=pk)
        return JsonResponse(
            {
                "percent": report.percent,
                "label": report.get_state_display(),
                "stage": report.stage,
                "message": report.message,
                "is_over": report.is_over,
            }
        )


def _running() -> QualityReport | None:
    newest = QualityReport.objects.first()
    is_shown = newest is not None and newest.state != QualityReport.State.DONE
    return newest if is_shown else None


def _start(request: HttpRequest) -> HttpResponse:
    report = QualityReport.objects.create(started_by=request.user.get_username())
    try:
        continue_quality_report.apply_async((report.pk,), retry=False)
    except OperationalError as error:
        report.state = QualityReport.State.FAILED
        report.message = f"The queue of background work does not answer: {error}"
        report.finished_at = timezone.now()
        report.save()
        messages.error(request, report.message)
    return HttpResponseRedirect(reverse(PAGE))


def _not_in(request: HttpRequest) -> dict[str, Any]:
    """Return what is kept of events that did not get in, by reason; counts lead to nobody."""
    by_reason = RefusedEvent.objects.values("kind", "type", "source", "field", "reason")
    counted = by_reason.annotate(events=Count("pk")).order_by("-events")[:MOST_REASONS]
    try:
        dead: int | None = buried_count()
    except redis.RedisError:
        dead = None
    kinds = dict(RefusedEvent.objects.values_list("kind").annotate(Count("pk")).order_by())
    return {
        "reasons": counted,
        "refused": kinds.get(RefusedEvent.Kind.REFUSED, 0),
        "quarantined": kinds.get(RefusedEvent.Kind.QUARANTINED, 0),
        "dead": dead,
        "may_see_refused": request.user.has_perm("events.view_refusedevent"),
        "may_see_dead": request.user.has_perm("events.view_deadletter"),
    }
