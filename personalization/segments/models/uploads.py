"""Lists on their way in: uploaded, not read yet."""

from typing import Any, Final

from django.db import models

from personalization.segments.models.lists import MemberList
from personalization.segments.models.segment import Segment


class ListUpload(models.Model):
    """One upload and how far a worker is with it. It names lines, and nothing that stood in them.

    What was uploaded is in its parts until it is read; a segment has one upload at a time that is
    not over.
    """

    class State(models.TextChoices):
        """How far it is; the last two are final, but what failed can be tried again."""

        WAITING = "waiting", "waiting for a worker"
        READING = "reading", "being read"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="uploads")
    id_kind = models.CharField(max_length=16)
    note = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    publishes = models.BooleanField(default=False, help_text="Goes live as soon as it is whole.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    stage = models.CharField(max_length=64, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)  # [[line, reason], …]
    made_by = models.CharField(max_length=150)
    key_owner = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="The last sign of life.")
    finished_at = models.DateTimeField(null=True)
    member_list = models.ForeignKey(
        MemberList, on_delete=models.SET_NULL, null=True, related_name="uploads"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment"],
                condition=models.Q(state__in=["waiting", "reading"]),
                name="segment_has_one_list_on_its_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.note} for “{self.segment}”"

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.state in FINAL

    @property
    def can_be_tried_again(self) -> bool:
        """Whether it failed and what was uploaded is still there."""
        return self.state == self.State.FAILED and self.parts.exists()

    def as_progress(self) -> dict[str, Any]:
        """Return what a progress bar shows."""
        told = {name: getattr(self, name) for name in ("percent", "stage", "message", "is_over")}
        return {**told, "label": self.get_state_display()}


FINAL: Final = frozenset({ListUpload.State.DONE, ListUpload.State.FAILED})


class UploadPart(models.Model):
    """A part of what was uploaded, sealed; it is deleted as soon as the whole is read."""

    upload = models.ForeignKey(ListUpload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_part_is_kept_once"),
        ]

    def __str__(self) -> str:
        return f"part {self.number} of upload {self.upload_id}"
