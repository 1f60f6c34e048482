"""How what is saved stands to what is live."""

from datetime import datetime
from typing import Any, Final

from django.db.models import IntegerField, JSONField, QuerySet
from django.db.models.expressions import RawSQL

from personalization.segments.models import Publication

# Read by the lists of the admin, so that a page of rows costs one query.
LIVE: Final = """
(SELECT document #> ARRAY[%s, "{table}"."key"] FROM segments_publication
 ORDER BY version DESC LIMIT 1)
"""
LAST_CHANGED: Final = """
(SELECT max(version) FROM segments_publication
 WHERE changes ? (%s || '/' || "{table}"."key"))
"""
LABELS: Final = {
    "live": "success",
    "scheduled": "info",
    "changed since publishing": "warning",
    "draft": "default",
    "ended": "default",
}


def with_live(rows: QuerySet[Any], *, section: str) -> QuerySet[Any]:
    """Add to each row `live`, its published definition or None, and `live_version`."""
    # Only the table's own name is put into the text.
    live, changed = (sql.format(table=rows.model._meta.db_table) for sql in (LIVE, LAST_CHANGED))
    annotated: QuerySet[Any] = rows.annotate(
        live=RawSQL(live, (section,), output_field=JSONField()),  # noqa: S611
        live_version=RawSQL(changed, (section,), output_field=IntegerField()),  # noqa: S611
    )
    return annotated


def is_live(section: str, key: str) -> bool:
    """Whether the latest publication has this entry."""
    latest = Publication.objects.order_by("-version").first()
    return bool(latest and key in latest.document.get(section, {}))


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
