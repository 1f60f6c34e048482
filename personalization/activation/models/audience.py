"""Memberships that are pushed to a destination on a schedule."""

from datetime import datetime, timedelta
from typing import Final, Self

from django.db import models
from django.db.models import Q

from personalization.activation.models.destination import Destination
from personalization.activation.models.in_force import Follows, InForceQuerySet
from personalization.segments.models import Segment

LEASE: Final = timedelta(minutes=10)
FIRST_RETRY: Final = timedelta(minutes=5)
MOST_DOUBLINGS: Final = 9
LAST_RETRY: Final = timedelta(days=1)


class AudienceQuerySet(InForceQuerySet):
    """Questions asked of audiences."""

    def due(self, now: datetime) -> Self:
        """Return those in force whose time has come."""
        due = Q(next_run_at__isnull=True) | Q(next_run_at__lte=now)
        return self.in_force().filter(due, destination__in=Destination.objects.in_force())


class Audience(Follows):
    """Push who is in a segment to a destination, every so many hours."""

    class Mode(models.TextChoices):
        """What each run sends."""

        FULL = "full", "everybody, each time"
        CHANGES = "changes", "who was added and removed"

    name = models.CharField(
        max_length=80, unique=True, help_text="How the destination calls this audience."
    )
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="audiences")
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.CHANGES)
    every_hours = models.PositiveSmallIntegerField("every … hours", default=24)
    failures = models.PositiveSmallIntegerField("failures in a row", default=0, editable=False)
    next_run_at = models.DateTimeField("next run", null=True, editable=False)

    objects = AudienceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_hours__gte=1),
                name="audience_at_most_hourly",
                violation_error_message="An hour is the least.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def next_after(self, *, now: datetime, failed: bool) -> datetime:
        """Return when to push next: sooner after a failure, at most a day later."""
        if not failed:
            return now + timedelta(hours=self.every_hours)
        doublings = min(max(self.failures - 1, 0), MOST_DOUBLINGS)
        return now + min(FIRST_RETRY * int(2**doublings), LAST_RETRY)


class AudienceMember(models.Model):
    """That the destination was told that a profile is in the audience.

    Written before the request leaves, and confirmed when it was answered: whom it may have heard
    of is taken out, or told of an erasure, like whom it surely did; and is named to it again.
    """

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="members")
    profile_id = models.BigIntegerField(db_index=True)
    identifiers = models.JSONField(default=dict)
    is_confirmed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "profile_id"], name="audience_has_a_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Profile {self.profile_id} in {self.audience}"


class AudienceRun(models.Model):
    """What one push did; numbers only."""

    class State(models.TextChoices):
        """How it ended."""

        RUNNING = "running", "running"
        DONE = "done", "done"
        REFUSED = "refused", "too few"
        FAILED = "failed", "failed"

    # What left is told for good, also of an audience that is no more.
    audience = models.ForeignKey(
        Audience, on_delete=models.SET_NULL, null=True, related_name="runs"
    )
    audience_name = models.CharField("audience", max_length=80)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField("last sign of life")
    finished_at = models.DateTimeField(null=True)
    members = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    withheld = models.PositiveIntegerField("did not agree", default=0)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["audience"],
                condition=Q(state="running"),
                name="audience_has_one_run_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audience_name} on {self.started_at:%Y-%m-%d %H:%M}"
