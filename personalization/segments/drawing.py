"""Sizes as small drawings, with their numbers as text beside or behind them."""

from collections.abc import Sequence
from typing import Final

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from personalization.segments.models import SegmentSize

SPARK: Final = (90, 20)
CHART: Final = (640, 160)
MARGIN: Final = 3


def sparkline(values: Sequence[int]) -> SafeString:
    """Return the values as a thin line, with the latest beside it; values must not be empty."""
    width, height = SPARK
    return format_html(
        '<span style="white-space: nowrap">{} <svg viewBox="0 0 {} {}" width="{}" height="{}"'
        ' role="img" style="display: inline-block; vertical-align: middle"><title>{}</title>'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg></span>',
        f"{values[-1]:,}",
        width,
        height,
        width,
        height,
        f"From {values[0]:,} to {values[-1]:,} profiles over {len(values)} days counted",
        points(values, width=width, height=height),
    )


def chart(sizes: Sequence[SegmentSize]) -> SafeString | None:
    """Return the sizes as a chart with a table behind it; None where nothing was counted."""
    if not sizes:
        return None
    width, height = CHART
    values = [one.matched for one in sizes]
    return render_to_string(
        "admin/segments/segment/size.html",
        {
            "points": points(values, width=width, height=height),
            "width": width,
            "height": height,
            "sizes": sizes,
            "first": sizes[0],
            "last": sizes[-1],
            "largest": max(values),
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
