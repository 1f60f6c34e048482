"""Look at the data as a whole, and write down what is found."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from personalization.events.counting_refusals import refusal_counts
from personalization.events.models import EventSchema
from personalization.events.sampling import Period, Sampled, sample, types_in
from personalization.insights.fields import Missing, drifted_fields, missing_fields
from personalization.insights.finding import find
from personalization.insights.models import QualityReport
from personalization.insights.volumes import flags, freshness, volumes
from personalization.insights.watching import watch_sources

SAMPLED: Final = 10_000
HISTORY: Final = timedelta(weeks=4)
WINDOWS: Final = {"week": timedelta(days=7), "day": timedelta(days=1)}
VOLUME_DAYS: Final = 28
REFUSAL_DAYS: Final = 7
KEPT_REPORTS: Final = 35

Tell = Callable[[str, int], None]


def compute(report: QualityReport, *, now: datetime) -> QualityReport:
    """Fill a report, telling in its row how far it is; its memory is that of two samples.

    An error is written into the row and raised again.
    """
    try:
        content = _content(now=now, tell=lambda stage, percent: _tell(report, stage, percent))
    except Exception as error:
        _end(report, QualityReport.State.FAILED, message=f"It failed: {error}", now=now)
        raise
    report.content, report.findings = content, [asdict(one) for one in find(content)]
    _end(report, QualityReport.State.DONE, message="", now=now)
    old = QualityReport.objects.order_by("-created_at").values_list("pk", flat=True)[KEPT_REPORTS:]
    QualityReport.objects.filter(pk__in=list(old)).delete()
    return report


def latest_report() -> QualityReport | None:
    """Return the newest report that is done."""
    return QualityReport.objects.filter(state=QualityReport.State.DONE).first()


def _content(*, now: datetime, tell: Tell) -> dict[str, Any]:
    tell("Counting events by source and type", 5)
    watch_sources(now=now)
    content: dict[str, Any] = {
        "at": now.isoformat(),
        "volumes": volumes(days=VOLUME_DAYS, now=now),
        "sources": freshness(now=now),
        "refusals": _refusals(now=now),
        "flags": flags(days=REFUSAL_DAYS, now=now),
        "types": [],
    }
    kinds = list(types_in(Period(now - HISTORY - WINDOWS["week"], now)))
    schemas = dict(EventSchema.objects.filter(is_active=True).values_list("type", "schema"))
    for nth, kind in enumerate(kinds):
        tell(f"Looking at {kind}", 20 + 75 * nth // len(kinds))
        content["types"].append(_of_type(kind, schemas.get(kind), now=now))
    tell("Writing it down", 95)
    return content


def _of_type(kind: str, schema: dict[str, Any] | None, *, now: datetime) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {}
    missing: list[Missing] = []
    counted = 0
    for name, length in WINDOWS.items():
        before, lately = _samples(kind, length, now=now)
        for drift in drifted_fields(before, lately):
            fields.setdefault(drift.field, {})[name] = asdict(drift)
        if name == "week":
            counted = len(lately)
            missing = missing_fields(before, lately, schema) if schema else []
    return {
        "type": kind,
        "has_schema": schema is not None,
        "events": counted,
        "is_sample": counted == SAMPLED,
        "missing": [asdict(one) for one in missing],
        "fields": [{"field": field, **windows} for field, windows in sorted(fields.items())],
    }


def _samples(kind: str, window: timedelta, *, now: datetime) -> tuple[list[Sampled], list[Sampled]]:
    """Return events of the weeks before the window, and those in it."""
    start = now - window
    before, lately = Period(start - HISTORY, start), Period(start, now)
    return (
        sample(type=kind, period=before, at_most=SAMPLED),
        sample(type=kind, period=lately, at_most=SAMPLED),
    )


def _refusals(*, now: datetime) -> list[dict[str, Any]]:
    totals: dict[tuple[str, str, str], int] = {}
    for one in refusal_counts(days=REFUSAL_DAYS, now=now):
        key = (one.source, one.type, one.field)
        totals[key] = totals.get(key, 0) + one.events
    return [
        {"source": source, "type": kind, "field": field, "events": events}
        for (source, kind, field), events in sorted(totals.items(), key=lambda pair: -pair[1])
    ]


def _tell(report: QualityReport, stage: str, percent: int) -> None:
    report.state = QualityReport.State.RUNNING
    report.stage, report.percent = stage, percent
    report.save(update_fields=["state", "stage", "percent"])


def _end(report: QualityReport, state: str, *, message: str, now: datetime) -> None:
    report.state, report.message, report.stage, report.finished_at = state, message, "", now
    report.percent = 100 if state == QualityReport.State.DONE else report.percent
    report.save()
