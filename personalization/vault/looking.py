"""Write down who saw direct identifiers in the clear."""

from collections.abc import Sequence
from datetime import datetime

from personalization.vault.keeping import Statement, known
from personalization.vault.models import Look


def look(*, profile_id: int, seen_by: str, now: datetime) -> Sequence[Statement]:
    """Return what is kept of a profile in the clear; that it was looked at is written first."""
    found = known([profile_id])
    if found:
        fields = [one.name for one in found]
        Look.objects.create(seen_by=seen_by, profile_id=profile_id, fields=fields, seen_at=now)
    return found
