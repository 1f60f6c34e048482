"""Versions of models, and the runs that made them."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class VersionQuerySet(models.QuerySet["ModelVersion"]):
    """Questions asked of versions."""

    def of(self, kind: str) -> "VersionQuerySet":
        """Return the versions of one kind of model, newest first."""
        return self.filter(kind=kind).order_by("-number")

    def accepted(self) -> "VersionQuerySet":
        """Return the versions that are live or were once."""
        return self.filter(state__in=[ModelVersion.State.LIVE, ModelVersion.State.RETIRED])


class ModelVersion(models.Model):
    """One trained model: how good it was found, and whether visitors see it."""

    class State(models.TextChoices):
        """Where a version stands."""

        CANDIDATE = "candidate", "candidate"
        LIVE = "live", "live"
        RETIRED = "retired", "retired"
        REFUSED = "refused", "refused"

    kind = models.CharField(max_length=32, help_text="What the model is for.")
    number = models.PositiveIntegerField(help_text="Counts up with each version of its kind.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.CANDIDATE)
    metrics = models.JSONField(
        default=dict, help_text="What it scored on behaviour that it had not seen."
    )
    reason = models.TextField(blank=True, help_text="Why it went live, or why it did not.")
    trained_at = models.DateTimeField(help_text="When it was trained.")
    trained_until = models.DateTimeField(
        help_text="It learned from behaviour up to this moment; what came later judged it."
    )
    artifact = models.CharField(
        max_length=200, blank=True, help_text="Its folder; empty when its files were deleted."
    )
    checksum = models.CharField(max_length=64)
    promoted_at = models.DateTimeField(null=True, help_text="When it went live most recently.")

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = "model version"
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="model_number_used_once"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(state="live"),
                name="one_live_model_of_a_kind",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="live")
                | (models.Q(promoted_at__isnull=False) & ~models.Q(artifact="")),
                name="live_model_has_files_and_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def folder(self) -> Path:
        """Where its arrays are."""
        return Path(settings.ARTIFACT_DIR) / self.artifact

    @property
    def can_return(self) -> bool:
        """Whether it was live once, is not now, and still has its files."""
        return bool(self.artifact) and self.state == self.State.RETIRED


class TrainingRun(models.Model):
    """One attempt to train a model, and how far it is."""

    class State(models.TextChoices):
        """Where a run stands; the last three are final."""

        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "running"
        PROMOTED = "promoted", "the new model is live"
        REFUSED = "refused", "the new model was refused"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(max_length=64, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    started_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)
    version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, related_name="runs"
    )

    class Meta:
        verbose_name = "training run"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__lte=100), name="run_percent_at_most_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} training of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.state in {self.State.PROMOTED, self.State.REFUSED, self.State.FAILED}
