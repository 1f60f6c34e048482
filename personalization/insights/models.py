"""What is counted and found about the data as a whole; nothing here leads to a person."""

from django.db import models
from django.db.models.functions import Now


class HourlyVolume(models.Model):
    """How many events of a type came from a source in an hour, and how late they were."""

    hour = models.DateTimeField(help_text="The hour in which they were received.")
    source = models.CharField(max_length=16, blank=True)
    type = models.CharField(max_length=64)
    events = models.PositiveIntegerField()
    flagged = models.PositiveIntegerField()
    late_minute = models.PositiveIntegerField(help_text="Received over a minute late.")
    late_hour = models.PositiveIntegerField(help_text="Received over an hour late.")
    late_day = models.PositiveIntegerField(help_text="Received over a day late.")
    latest = models.DateTimeField(help_text="When the last of them was received.")

    class Meta:
        verbose_name = "hourly volume"
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "source", "type"], name="an_hour_is_counted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.events} {self.type} in {self.hour:%Y-%m-%d %H}"


class QualityReport(models.Model):
    """One look at the data, and how far it is."""

    class State(models.TextChoices):
        """Where it stands; the last two are final."""

        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(max_length=100, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    content = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    started_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "data quality report"
        verbose_name_plural = "data quality"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__lte=100), name="report_percent_at_most_100"
            ),
        ]

    def __str__(self) -> str:
        return f"Data quality of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.state in {self.State.DONE, self.State.FAILED}


class Alert(models.Model):
    """That a source which usually sends has fallen silent; ended when it is heard again."""

    source = models.CharField(max_length=16)
    message = models.CharField(max_length=300)
    silent_since = models.DateTimeField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "alert"
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_alert_of_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source or 'older events'} is silent since {self.silent_since:%Y-%m-%d %H:%M}"
