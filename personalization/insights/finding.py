"""What in a report somebody should look into, and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalization.insights.models import Alert
from personalization.insights.statistics import LARGE_PSI

# Shares of a week's events above which something is worth a look.
MOST_REFUSED: Final = 0.02
MOST_FLAGGED: Final = 0.1
MORE_MISSING: Final = 0.2  # than in the weeks before
MOST_LATE: Final = 0.05
# Of fewer events a share says little.
FEWEST: Final = 100
# That visitors have not agreed is no fault in the data.
NO_FAULT: Final = "consent"
# Doors through which events come as they happen; files and other systems are late by nature.
LIVE: Final = frozenset({"page", "pixel", "segment", "ga4", "api", "decision"})

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look into."""

    kind: str
    about: str
    message: str


def find(report: Report) -> list[Finding]:
    """Return what is to be looked into, the most pressing first."""
    return [finding for look in LOOKS for finding in look(report)]


def _silent(report: Report) -> Iterator[Finding]:
    for alert in Alert.objects.filter(ended_at__isnull=True):
        yield Finding("silence", alert.source, alert.message)


def _refused(report: Report) -> Iterator[Finding]:
    accepted = {one["source"]: one["events"] for one in report["sources"]}
    refused: dict[str, int] = {}
    for one in report["refusals"]:
        if one["field"] != NO_FAULT:
            refused[one["source"]] = refused.get(one["source"], 0) + one["events"]
    for source, events in refused.items():
        total = events + accepted.get(source, 0)
        if total >= FEWEST and events > MOST_REFUSED * total:
            share = f"{events / total:.0%}"
            message = (
                f"{share} of the last week's events from “{source}” were refused ({events:,})."
            )
            yield Finding("refused", source, message)


def _late(report: Report) -> Iterator[Finding]:
    for one in report["sources"]:
        if one["source"] not in LIVE or one["events"] < FEWEST:
            continue
        if one["late_hour"] > MOST_LATE * one["events"]:
            share = f"{one['late_hour'] / one['events']:.0%}"
            message = f"{share} of the last week's events came over an hour late."
            yield Finding("late", one["source"], message)


def _flagged(report: Report) -> Iterator[Finding]:
    for one in report["sources"]:
        if one["events"] >= FEWEST and one["flagged"] > MOST_FLAGGED * one["events"]:
            share = f"{one['flagged'] / one['events']:.0%}"
            yield Finding("flagged", one["source"], f"{share} of the last week's events look odd.")


def _missing(report: Report) -> Iterator[Finding]:
    for kind in report["types"]:
        for one in kind["missing"]:
            before = one["before"]
            if before is None or kind["events"] < FEWEST:
                continue
            if one["share"] - before > MORE_MISSING:
                message = f"{one['share']:.0%} of events lack {one['field']}; before, {before:.0%}."
                yield Finding("missing", kind["type"], message)


def _drifted(report: Report) -> Iterator[Finding]:
    for kind in report["types"]:
        for one in kind["fields"]:
            week = one.get("week")
            if week and week["difference"]["psi"] >= LARGE_PSI:
                psi = week["difference"]["psi"]
                message = f"{one['field']} differs from the four weeks before (PSI {psi:.2f})."
                yield Finding("drift", kind["type"], message)


LOOKS: Final[tuple[Callable[[Report], Iterator[Finding]], ...]] = (
    _silent,
    _refused,
    _missing,
    _drifted,
    _late,
    _flagged,
)
