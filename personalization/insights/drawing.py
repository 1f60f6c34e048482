"""Numbers as small drawings; each says in its title what it shows."""

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BARS: Final = (168, 28)
PAIRS: Final = (220, 56)
GAP: Final = 1
LEAST: Final = 1.0  # pixels, so that something is never drawn as nothing


def bars(values: Sequence[int], *, title: str) -> SafeString:
    """Return one thin bar for each value."""
    width, height = BARS
    highest, step = max(values, default=0) or 1, width / (len(values) or 1)
    rects = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"/>',
        (
            (_at(n * step), _at(height - tall), _at(step - GAP), _at(tall))
            for n, value in enumerate(values)
            if (tall := _tall(value / highest, height))
        ),
    )
    return _svg(width, height, "drawing__bars", title, rects)


def pairs(
    before: Sequence[float], now: Sequence[float], labels: Sequence[str], *, title: str
) -> SafeString:
    """Return two bars for each label: its share before, and now."""
    width, height = PAIRS
    highest = max([*before, *now], default=0) or 1
    step = width / (len(labels) or 1)
    half = (step - 2 * GAP) / 2
    rects = format_html_join(
        "",
        '<g><title>{}: {} before, {} now</title><rect class="drawing__before" x="{}" y="{}"'
        ' width="{}" height="{}"/><rect class="drawing__now" x="{}" y="{}" width="{}"'
        ' height="{}"/></g>',
        (
            (
                label,
                f"{left:.0%}",
                f"{right:.0%}",
                *_bar(n * step, half, left / highest, height),
                *_bar(n * step + half, half, right / highest, height),
            )
            for n, (label, left, right) in enumerate(zip(labels, before, now, strict=True))
        ),
    )
    return _svg(width, height, "drawing__pairs", title, rects)


def _svg(width: int, height: int, css: str, title: str, inside: SafeString) -> SafeString:
    # Not the class `chart`: unfold's script takes every element of it for a canvas of its own.
    return format_html(
        '<svg class="drawing {}" viewBox="0 0 {} {}" width="{}" height="{}" role="img"'
        ' aria-label="{}"><title>{}</title>{}</svg>',
        css,
        width,
        height,
        width,
        height,
        title,
        title,
        inside,
    )


def _bar(x: float, width: float, share: float, height: int) -> tuple[str, str, str, str]:
    tall = _tall(share, height)
    return _at(x), _at(height - tall), _at(width), _at(tall)


def _tall(share: float, height: int) -> float:
    return max(LEAST, share * height) if share else 0.0


def _at(value: float) -> str:
    return f"{value:.1f}"
