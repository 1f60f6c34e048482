"""Looking at the data in the background."""

from celery import shared_task
from django.utils import timezone

from personalization.insights.models import QualityReport
from personalization.insights.reporting import compute
from personalization.insights.watching import watch_sources


@shared_task
def compute_quality() -> None:
    """Make the daily report."""
    compute(QualityReport.objects.create(started_by="schedule"), now=timezone.now())


@shared_task
def continue_quality_report(report_id: int) -> None:
    """Make the report that someone asked for; one that is over is left alone."""
    report = QualityReport.objects.get(pk=report_id)
    if not report.is_over:
        compute(report, now=timezone.now())


@shared_task
def watch_for_silence() -> None:
    """Count the latest hours, and raise an alert where a source is silent."""
    watch_sources(now=timezone.now())
