"""Background work of this room."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from personalization.census.refreshing import refresh_census

# A run ends about when the next is due, which goes on where it ended.
BATCHES: Final = 5


@shared_task  # type: ignore[untyped-decorator,unused-ignore]
def keep_census_current() -> None:
    """Write the rows of profiles that changed, and go on with a new day or new facts."""
    refresh_census(now=timezone.now(), batches=BATCHES)
