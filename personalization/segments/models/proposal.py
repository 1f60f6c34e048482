"""What waits to become live: for a second person, for a time, or for both."""

from typing import Any

from django.db import models
from django.db.models import F, Q


class PublishingPolicy(models.Model):
    """Whether a second person must approve what becomes live; one row, which is always there."""

    needs_approval = models.BooleanField(
        "a second person approves",
        default=False,
        help_text="Whatever anybody wants to make live then waits until somebody else has seen"
        " what changes: segments, activities, placements, going back, by hand, at a time or"
        " through the API.",
    )

    class Meta:
        verbose_name = "publishing rule"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_publishing_policy")]

    def __str__(self) -> str:
        return "Publishing"

    @classmethod
    def requires_approval(cls) -> bool:
        """Whether a second person must approve."""
        return cls.objects.filter(needs_approval=True).exists()


class Proposal(models.Model):
    """Changes that somebody wants live: what they are, and what they were made against.

    `changes`, `live` and `saved` are by place, such as "segments/high-value": what is to be
    published (None takes it offline), what was live and what was saved when it was submitted.
    `about` names what it changes, of which only one waits at a time. `key_owner` answers for the
    API key with which it was submitted; empty without one.
    """

    class State(models.TextChoices):
        """Where it is on its way."""

        SUBMITTED = "submitted", "waiting for approval"
        SCHEDULED = "scheduled", "scheduled"
        LIVE = "live", "published"
        REJECTED = "rejected", "rejected"
        VOID = "void", "void"
        WITHDRAWN = "withdrawn", "withdrawn"
        REPLACED = "replaced", "replaced by a later one"
        FAILED = "failed", "could not be published"

    state = models.CharField(max_length=16, choices=State.choices)
    note = models.CharField("what", max_length=200)
    about = models.TextField()
    changes = models.JSONField()
    live = models.JSONField()
    saved = models.JSONField()
    submitted_by = models.CharField(max_length=150)
    key_owner = models.CharField("owner of the key", max_length=150, blank=True)
    submitted_at = models.DateTimeField("submitted")
    publish_at = models.DateTimeField("to be live at", null=True)
    decided_by = models.CharField("decided by", max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)
    problem = models.TextField(blank=True)
    # Nobody can be in it, and who submitted it knows.
    insists = models.BooleanField(default=False)
    version = models.PositiveIntegerField(null=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="replaced"
    )

    class Meta:
        verbose_name = "approval"
        ordering = ["-pk"]
        permissions = [("approve_proposal", "Can approve what others submitted")]
        indexes = [models.Index(fields=["state", "publish_at"], name="proposal_due")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("submitted_by")), name="nobody_decides_on_their_own"
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("key_owner")),
                name="nobody_decides_on_what_their_key_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_at__isnull=False),
                name="scheduled_means_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["about"],
                condition=Q(state__in=("submitted", "scheduled")),
                name="one_proposal_waits_about_each_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.note

    @property
    def is_open(self) -> bool:
        """Whether it can still become live."""
        return self.state in OPEN

    def is_of(self, username: str) -> bool:
        """Whether this person submitted it, or answers for the key that did."""
        return username in (self.submitted_by, self.key_owner)

    def approves(self, changes: dict[str, Any]) -> bool:
        """Whether a second person approved all of these changes, by place."""
        return bool(self.decided_by) and all(
            path in self.changes and self.changes[path] == definition
            for path, definition in changes.items()
        )


OPEN = (Proposal.State.SUBMITTED, Proposal.State.SCHEDULED)


class HistoryEntry(models.Model):
    """Something that was done to a segment, as a sentence; `before` and `after` say its rule."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    said = models.TextField()
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        verbose_name = "deed"
        verbose_name_plural = "history of segments"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["key", "-id"], name="history_of_a_segment")]

    def __str__(self) -> str:
        return f"{self.key}: {self.said}"
