"""Read what `linting.py` judges."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from personalization.content.linting import Showing, lint_activities, lint_usage
from personalization.content.models import Activity
from personalization.rules.normalising import Normal, normalised
from personalization.rules.parsing import RuleError
from personalization.rules.references import Resolve, among, inlined
from personalization.segments.linting import Finding
from personalization.segments.models import Segment
from personalization.segments.publishing import current_document


def check_activities(*, now: datetime) -> list[Finding]:
    """Return which activities never show and which segments are idle; a few queries in all."""
    rows = Activity.objects.select_related("segment", "placement").prefetch_related("variations")
    segments = {one.key: one for one in Segment.objects.all()}
    _, document = current_document()
    live_rule = among(document["segments"])
    live = [_showing(key, raw, live_rule) for key, raw in document["activities"].items()]
    saved_rule = among({key: one.definition() for key, one in segments.items()})
    saved = [(row.pk, _showing(row.key, row.definition(), saved_rule)) for row in rows]
    used = {one.segment for _, one in saved if one.segment}
    return [
        *lint_activities(saved=saved, live=live, now=now),
        *lint_usage(segments=[(s.pk, s.key, s.name) for s in segments.values()], used=used),
    ]


def _showing(key: str, raw: Mapping[str, Any], resolve: Resolve) -> Showing:
    return Showing(
        key=key,
        name=raw["name"],
        placement=raw["placement"],
        priority=raw["priority"],
        segment=raw["segment"],
        rule=_normal(raw["segment"], resolve) if raw["segment"] else None,
        starts_at=_moment(raw["starts_at"]),
        ends_at=_moment(raw["ends_at"]),
    )


def _normal(key: str, resolve: Resolve) -> Normal | None:
    try:
        rule = resolve(key)
        return normalised(inlined(rule, resolve=resolve, key=key)) if rule else None
    except RuleError:
        return None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
