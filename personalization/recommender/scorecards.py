"""A version's metrics as a table and a small picture, for the admin."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.template.loader import render_to_string

TITLES: Final = {
    "candidate": "This model",
    "live": "The live model then",
    "popular_lately": "Popular in the last month",
    "popular_ever": "Always popular",
}
SLICES: Final = {"all": "all", "warm": "with history", "cold": "new"}
ROW_HEIGHT: Final = 28
BAR_FROM: Final = 200
LONGEST_BAR: Final = 360


def render_scores(metrics: Mapping[str, Any]) -> str:
    """Return the HTML of a version's scores; empty metrics give an empty string."""
    bars = list(_bars(metrics))
    if not bars:
        return ""
    context = {"bars": bars, "rows": list(_rows(metrics)), "height": len(bars) * ROW_HEIGHT}
    return render_to_string("admin/recommender/scores.html", context)


def _bars(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    scores = {name: metrics[name]["all"]["ndcg"] for name in TITLES if name in metrics}
    highest = max(scores.values(), default=0) or 1
    for place, (name, ndcg) in enumerate(scores.items()):
        width = round(LONGEST_BAR * ndcg / highest)
        top = place * ROW_HEIGHT
        yield {
            "name": TITLES[name],
            "ndcg": ndcg,
            "y": top + 4,
            "text_y": top + 19,
            "width": width,
            "end": BAR_FROM + width + 8,
            "is_own": name == "candidate",
        }


def _rows(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, title in TITLES.items():
        for key, label in SLICES.items():
            if scores := metrics.get(name, {}).get(key):
                yield {"name": title, "slice": label, **scores}
