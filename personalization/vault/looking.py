"""Write down who saw direct identifiers, or asked for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from personalization.vault.keeping import Statement, known
from personalization.vault.models import LONGEST_FIELD, LONGEST_NAME, Look


def look(*, profile_id: int, seen_by: str, now: datetime) -> Sequence[Statement]:
    """Return what is kept of a profile in the clear; that it was looked at is written first."""
    found = known([profile_id])
    if found:
        note_look(
            profile_id=profile_id, seen_by=seen_by, fields=[one.name for one in found], now=now
        )
    return found


def note_look(*, profile_id: int, seen_by: str, fields: Iterable[str], now: datetime) -> None:
    """Write down a look; whoever tells calls it before telling."""
    Look.objects.create(
        seen_by=seen_by[:LONGEST_NAME],
        profile_id=profile_id,
        fields=[field[:LONGEST_FIELD] for field in fields],
        seen_at=now,
    )
