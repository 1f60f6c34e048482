"""Sizes as small drawings, with their numbers as text beside or behind them."""

from collections.abc import Sequence
from typing import Final

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from personalization.segments.disclosing import Disclosure
from personalization.segments.models import SegmentSize

SPARK: Final = (90, 20)
CHART: Final = (640, 160)
MARGIN: Final = 3


def sparkline(values: Sequence[int], *, totals: Sequence[int], shown: Disclosure) -> SafeString:
    """Return the values as a thin line, with the latest beside it; values must not be empty."""
    width, height = SPARK
    drawn = [shown.drawn(*one) for one in zip(values, totals, strict=True)]
    first, last = (shown.number(values[n], totals[n]) for n in (0, -1))
    return format_html(
        '<span style="white-space: nowrap">{} <svg viewBox="0 0 {} {}" width="{}" height="{}"'
        ' role="img" style="display: inline-block; vertical-align: middle"><title>{}</title>'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg></span>',
        last,
        width,
        height,
        width,
        height,
        f"From {first} to {last} profiles over {len(values)} days counted",
        points(drawn, width=width, height=height),
    )


def chart(sizes: Sequence[SegmentSize], *, shown: Disclosure) -> SafeString | None:
    """Return the sizes as a chart with a table behind it; None where nothing was counted."""
    if not sizes:
        return None
    width, height = CHART
    values = [shown.drawn(one.matched, one.total) for one in sizes]
    rows = [
        {
            "day": one.day,
            "matched": shown.number(one.matched, one.total),
            "total": f"{one.total:,}",
        }
        for one in sizes
    ]
    largest = max(sizes, key=lambda one: one.matched)
    return render_to_string(
        "admin/segments/segment/size.html",
        {
            "points": points(values, width=width, height=height),
            "width": width,
            "height": height,
            "sizes": rows,
            "first": rows[0],
            "last": rows[-1],
            "largest": shown.number(largest.matched, largest.total),
        },
    )


def points(values: Sequence[int], *, width: int, height: int) -> str:
    """Return the points of a line from zero at the bottom to the largest value at the top."""
    top = max(1, *values)
    drawn = list(values) * 2 if len(values) == 1 else list(values)
    step = (width - 2 * MARGIN) / (len(drawn) - 1)
    room = height - 2 * MARGIN
    return " ".join(
        f"{MARGIN + n * step:.1f},{MARGIN + room * (1 - value / top):.1f}"
        for n, value in enumerate(drawn)
    )
