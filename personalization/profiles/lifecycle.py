"""Where a visitor stands in their life with the shop."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from personalization.profiles.facts import SECONDS_PER_DAY

STAGES: Final = ("new", "active", "at_risk", "lapsed")
YOUNG_DAYS: Final = 30
QUIET_DAYS: Final = 30
LAPSED_DAYS: Final = 90
# What the shop did, not the visitor.
NOT_ACTS: Final = frozenset({"exposure", "impression"})


def stage_of(facts: Mapping[str, Any], now: datetime) -> str | None:
    """Return the stage at this moment; None for someone who has done nothing yet.

    Days are whole UTC days. Over 90 without an act: lapsed; over 30: at risk; the first act at
    most 30 days ago: new; anybody else: active.
    """
    first = [at for kind, at in facts.get("first", {}).items() if kind not in NOT_ACTS]
    last = [at for kind, at in facts.get("last", {}).items() if kind not in NOT_ACTS]
    if not last:
        return None
    today = int(now.timestamp()) // SECONDS_PER_DAY
    quiet = today - int(max(last)) // SECONDS_PER_DAY
    age = today - int(min(first)) // SECONDS_PER_DAY
    if quiet > LAPSED_DAYS:
        return "lapsed"
    if quiet > QUIET_DAYS:
        return "at_risk"
    return "new" if age <= YOUNG_DAYS else "active"
