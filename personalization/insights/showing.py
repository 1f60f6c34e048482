"""A report as the quality page shows it: numbers written out, and drawn."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from personalization.insights.drawing import bars, pairs
from personalization.insights.statistics import LARGE_PSI, SMALL_PSI

OLDER: Final = "(older events)"
# How large a change is, by its index; the first that is not above it.
SIZES: Final = ((SMALL_PSI, "small"), (LARGE_PSI, "some"))

WORST_FIRST: Final = ("large", "some", "small")
SHOWN_AT_ONCE: Final = 12

Rows = list[dict[str, Any]]


def shown(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report for the template."""
    return {
        "at": datetime.fromisoformat(content["at"]),
        "sources": [_source(one) for one in content["sources"]],
        "volumes": folded([_volume(one) for one in content["volumes"]]),
        "refusals": folded(
            [{**one, "source": _named(one["source"])} for one in content["refusals"]]
        ),
        "flags": folded(content["flags"]),
        # Those that changed most are not to be folded away.
        "types": folded(sorted(map(_type, content["types"]), key=lambda one: _rank(one["worst"]))),
    }


def folded(rows: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return the rows that are shown at once, and those behind a button."""
    return {"first": rows[:SHOWN_AT_ONCE], "rest": rows[SHOWN_AT_ONCE:]}


def _source(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": _named(one["source"]),
        "latest": datetime.fromisoformat(one["latest"]),
        "events": one["events"],
        "late": [_share(one[name], one["events"]) for name in ("late_minute", "late_hour")],
        "late_day": _share(one["late_day"], one["events"]),
        "flagged": _share(one["flagged"], one["events"]),
    }


def _volume(one: Mapping[str, Any]) -> dict[str, Any]:
    by_day = one["by_day"]
    title = f"{one['type']} by day over {len(by_day)} days: {', '.join(map(str, by_day))}"
    return {**one, "source": _named(one["source"]), "chart": bars(by_day, title=title)}


def _type(one: Mapping[str, Any]) -> dict[str, Any]:
    missing = [
        {
            "field": m["field"],
            "share": f"{m['share']:.0%}",
            "before": "-" if m["before"] is None else f"{m['before']:.0%}",
            "is_required": m["is_required"],
        }
        for m in one["missing"]
    ]
    fields = [_field(f) for f in one["fields"]]
    return {**one, "missing": missing, "fields": fields, "worst": _worst(fields)}


def _field(one: Mapping[str, Any]) -> dict[str, Any]:
    windows = [_window(name, one[name]) for name in ("week", "day") if name in one]
    return {"field": one["field"], "windows": windows}


def _window(name: str, drift: Mapping[str, Any]) -> dict[str, Any]:
    difference = drift["difference"]
    before, now, labels = (difference[part] for part in ("before", "now", "labels"))
    listed = ", ".join(
        f"{label} {left:.0%} → {right:.0%}"
        for label, left, right in zip(labels, before, now, strict=True)
    )
    ks = difference["ks"]
    return {
        "name": name,
        "psi": f"{difference['psi']:.3f}",
        "size": next((word for most, word in SIZES if difference["psi"] < most), "large"),
        "ks": "" if ks is None else f"{ks:.3f}",
        "p": "" if ks is None else _p_value(difference["p_value"]),
        "events": drift["events"],
        "chart": pairs(before, now, labels, title=f"Before and this {name}: {listed}"),
    }


def _worst(fields: Rows) -> str:
    sizes = {window["size"] for field in fields for window in field["windows"]}
    return next((size for size in WORST_FIRST if size in sizes), "")


def _rank(size: str) -> int:
    return WORST_FIRST.index(size) if size in WORST_FIRST else len(WORST_FIRST)


def _p_value(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"  # noqa: PLR2004  # as printed


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _named(source: str) -> str:
    return source or OLDER
