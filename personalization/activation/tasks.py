"""Background work of this room."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from personalization.activation.due import write_down_shown
from personalization.activation.nudging import nudge_deliveries
from personalization.activation.passing_on import pass_news_on as pass_on
from personalization.activation.pruning import delete_old
from personalization.activation.recalculating import recalculate
from personalization.activation.sending import deliver_due
from personalization.activation.syncing import (
    AlreadyRunning,
    bury_lost_runs,
    due_audiences,
    sync_audience,
)
from personalization.activation.watching import due_segments, keep_watch


@shared_task
def pass_news_on() -> None:
    """Tell who entered and left, and write down what was shown of what that made due."""
    write_down_shown()
    if pass_on(now=timezone.now()):
        nudge_deliveries()


@shared_task
def deliver() -> None:
    """Send what is due."""
    deliver_due(now=timezone.now(), clock=timezone.now)


@shared_task
def delete_old_news() -> None:
    """Keep what was told as long as settings say."""
    delete_old(now=timezone.now())


@shared_task
def recalculate_segments() -> None:
    """Have every watched segment recalculated whose time has come."""
    keep_watch()
    for watched_id in due_segments(now=timezone.now()):
        recalculate_segment.delay(watched_id)


@shared_task
def recalculate_segment(watched_id: int) -> None:
    """Recalculate one; that somebody else is at it is no fault."""
    recalculate(watched_id, now=timezone.now(), clock=timezone.now)


@shared_task
def push_audiences() -> None:
    """Have every audience pushed whose time has come."""
    now = timezone.now()
    bury_lost_runs(now=now)
    for audience_id in due_audiences(now=now):
        push_audience.delay(audience_id)


@shared_task
def push_audience(audience_id: int) -> None:
    """Push one; that somebody else is at it is no fault."""
    with suppress(AlreadyRunning):
        sync_audience(audience_id, now=timezone.now(), clock=timezone.now)
