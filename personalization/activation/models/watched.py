"""Segments whose entering and leaving is found, and how their recalculation fares."""

from datetime import datetime, timedelta
from typing import Final, Self

from django.db import models
from django.db.models import Q

from personalization.segments.models import Segment

# A recalculation that has given no sign of life for this long is taken for dead.
LEASE: Final = timedelta(minutes=5)
FIRST_RETRY: Final = timedelta(minutes=1)
LAST_RETRY: Final = timedelta(hours=2)
MOST_DOUBLINGS: Final = 8


class WatchedQuerySet(models.QuerySet["WatchedSegment"]):
    """Questions asked of watched segments."""

    def due(self, now: datetime) -> Self:
        """Return those whose time has come, and those whose worker died."""
        running = Q(state=WatchedSegment.State.RUNNING)
        return self.filter(
            (~running & (Q(next_run_at__isnull=True) | Q(next_run_at__lte=now)))
            | (running & Q(seen_at__lte=now - LEASE))
        )


class WatchedSegment(models.Model):
    """A segment that something listens to. Before its first recalculation nothing is told of it."""

    class State(models.TextChoices):
        """How its recalculation stands."""

        WAITING = "waiting", "waiting for its first"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    segment = models.OneToOneField(
        Segment, on_delete=models.CASCADE, limit_choices_to={}, related_name="+"
    )
    is_kept = models.BooleanField(
        "watch in any case",
        default=True,
        help_text="Find who enters and leaves even if no webhook, trigger or audience asks for it:"
        " for systems that read the stream.",
    )
    state = models.CharField(
        max_length=8, choices=State.choices, default=State.WAITING, editable=False
    )
    # Whoever was in the segment when watching began has not entered it.
    counted_at = models.DateTimeField("first counted", null=True, editable=False)
    ruleset_version = models.PositiveIntegerField("version", null=True, editable=False)
    started_at = models.DateTimeField("last run", null=True, editable=False)
    seen_at = models.DateTimeField("last sign of life", null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    members = models.PositiveIntegerField(null=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    failures = models.PositiveSmallIntegerField("failures in a row", default=0, editable=False)
    next_run_at = models.DateTimeField("next run", null=True, editable=False)

    objects = WatchedQuerySet.as_manager()

    class Meta:
        ordering = ["segment__name"]
        verbose_name = "watched segment"

    def __str__(self) -> str:
        return str(self.segment)

    @property
    def took(self) -> timedelta | None:
        """How long the last run that ended took."""
        if self.finished_at is None or self.started_at is None or self.state == self.State.RUNNING:
            return None
        return self.finished_at - self.started_at

    def next_after_failure(self, now: datetime) -> datetime:
        """Return when to try again: after a minute, two, four … at most two hours."""
        doublings = min(max(self.failures - 1, 0), MOST_DOUBLINGS)
        return now + min(FIRST_RETRY * int(2**doublings), LAST_RETRY)
