"""How large live segments are, day by day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery

from personalization.rules.parsing import Rule, RuleError, parse_rule
from personalization.rules.references import among, inlined
from personalization.segments.counting import count_matches
from personalization.segments.models import Segment, SegmentSize
from personalization.segments.publishing import document_of, latest_publication

SHOWN_DAYS: Final = 56


def record_sizes(*, now: datetime) -> int:
    """Count every live segment, all in one scan, and keep the result as today's.

    A second run on the same day replaces the first. Returns how many were counted.
    """
    rules = dict(_readable(document_of(latest_publication())["segments"]))
    if not rules:
        return 0
    counts = count_matches(rules=rules, now=now)
    SegmentSize.objects.bulk_create(
        (
            SegmentSize(key=key, day=now.date(), matched=matched, total=counts.total)
            for key, matched in counts.matched.items()
        ),
        update_conflicts=True,
        unique_fields=["key", "day"],
        update_fields=["matched", "total"],
    )
    return len(rules)


def recent_sizes(segment: Segment, now: datetime) -> list[SegmentSize]:
    """Return the sizes of the last eight weeks, the oldest first."""
    since = now.date() - timedelta(days=SHOWN_DAYS)
    return list(SegmentSize.objects.filter(key=segment.key, day__gte=since).order_by("day"))


def with_sizes(rows: QuerySet[Any], *, today: date) -> QuerySet[Any]:
    """Add to each segment how many it matched on each day of the last eight weeks, and of how many.

    They are `sizes` and `size_totals`; `last_size` is of the last of these days, to sort by.
    """
    since = today - timedelta(days=SHOWN_DAYS)
    sizes = SegmentSize.objects.filter(key=OuterRef("key"), day__gte=since).order_by("day")
    annotated: QuerySet[Any] = rows.annotate(
        sizes=ArraySubquery(sizes.values("matched")),
        size_totals=ArraySubquery(sizes.values("total")),
        last_size=Subquery(sizes.order_by("-day").values("matched")[:1]),
    )
    return annotated


def _readable(segments: dict[str, Any]) -> Iterable[tuple[str, Rule]]:
    resolve = among(segments)
    for key, raw in segments.items():
        try:
            yield key, inlined(parse_rule(raw["rule"]), resolve=resolve, key=key)
        except RuleError:
            # The check of segments says so; the others are counted all the same.
            continue
