"""Who is in a watched segment, and who came or went."""

from django.db import models


class Membership(models.Model):
    """That a profile is, or was, in a watched segment; `left_at` is empty while it is.

    The profile is named by number only: that it is gone (merged into another) must be noticed.
    """

    segment_key = models.CharField(max_length=64)
    profile_id = models.BigIntegerField(db_index=True)
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment_key", "profile_id"], name="membership_once_a_segment"
            ),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True) | models.Q(left_at__gte=models.F("since")),
                name="membership_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_key}: profile {self.profile_id}"


class Transition(models.Model):
    """That a profile entered or left: written with the membership, passed on afterwards."""

    class Kind(models.TextChoices):
        """Which way."""

        ENTERED = "entered", "entered"
        LEFT = "left", "left"

    class Cause(models.TextChoices):
        """What made it so."""

        ACT = "act", "what the visitor did"
        TIME = "time", "time, or data from elsewhere"
        PUBLISHED = "published", "a change of the segment"
        GONE = "gone", "the profile is part of another now"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    segment_key = models.CharField(max_length=64)
    profile_id = models.BigIntegerField(db_index=True)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    ruleset_version = models.PositiveIntegerField()
    at = models.DateTimeField()
    passed_on_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(passed_on_at__isnull=True),
                name="transition_waiting",
            ),
            models.Index(fields=["at"], name="transition_at"),
        ]

    def __str__(self) -> str:
        return f"Profile {self.profile_id} {self.kind} {self.segment_key}"
