"""How what is saved stands to what is live."""

from datetime import datetime
from typing import Any, Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from personalization.segments.models import LiveEntry

LABELS: Final = {
    "live": "success",
    "scheduled": "info",
    "changed since publishing": "warning",
    "draft": "default",
    "ended": "default",
}


def with_live(rows: QuerySet[Any], *, section: str) -> QuerySet[Any]:
    """Add to each row `live`, its published definition or None, and `live_version`."""
    entry = LiveEntry.objects.filter(section=section, key=OuterRef("key"))
    annotated: QuerySet[Any] = rows.annotate(
        live=Subquery(entry.values("definition")), live_version=Subquery(entry.values("version"))
    )
    return annotated


def is_live(section: str, key: str) -> bool:
    """Whether the latest publication has this entry."""
    entries = LiveEntry.objects.filter(section=section, key=key)
    return entries.filter(definition__isnull=False).exists()


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Leave of the segments that `with_live` has read those in one of STATES."""
    as_saved = rows.annotate(saved=JSONObject(name=F("name"), rule=F("rule")))
    chosen: QuerySet[Any] = as_saved.filter(STATES[state])
    return chosen


STATES: Final = {
    "live": Q(live=F("saved")),
    "changed since publishing": Q(live__isnull=False) & ~Q(live=F("saved")),
    "draft": Q(live__isnull=True),
}


def state_of(live: dict[str, Any] | None, saved: dict[str, Any], *, now: datetime) -> str:
    """Return one of LABELS for an entry with this live and this saved definition."""
    if live is None:
        return "draft"
    if live != saved:
        return "changed since publishing"
    starts, ends = _moment(live.get("starts_at")), _moment(live.get("ends_at"))
    if ends is not None and ends <= now:
        return "ended"
    return "scheduled" if starts is not None and starts > now else "live"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
