"""Connections to other systems, and what each of their runs did."""

import re
from datetime import datetime, timedelta
from typing import Final, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from consent.purposes import OPTIONAL
from personalization.connectors.connecting import Connector
from personalization.connectors.kinds import CONNECTORS
from personalization.connectors.mapping import MappingError, SourceMapping, read_mapping

# Only these: whoever sets up a connection must not read other variables through it.
VARIABLE: Final = re.compile(r"CONNECTOR_SECRET_[A-Z0-9_]{1,40}")
# After a failure: five minutes, ten, twenty ... at most a day.
FIRST_RETRY: Final = timedelta(minutes=5)
LAST_RETRY: Final = timedelta(days=1)
MOST_DOUBLINGS: Final = 9


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Questions asked of connections."""

    def due(self, now: datetime) -> Self:
        """Return those whose time to be asked has come."""
        return self.filter(is_active=True, next_run_at__lte=now)


class Connection(models.Model):
    """A system from which people come: how to ask it, what its columns mean, when it was asked."""

    key = models.SlugField(
        max_length=40, unique=True, help_text="Short name; a webhook's address ends in it."
    )
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    settings = models.JSONField(default=dict, blank=True)
    secret_variable = models.CharField(
        max_length=64,
        blank=True,
        help_text="Where the secret shall not be in the database: name the environment variable"
        " that holds it, such as CONNECTOR_SECRET_ACME.",
    )
    sealed_secret = models.BinaryField(default=bytes, editable=False)
    secret_set_at = models.DateTimeField(null=True, editable=False)
    mapping = models.TextField(
        blank=True,
        help_text="What each column means, in TOML as for import_profiles. Until it is there,"
        " nothing is taken in.",
    )
    vouched_purposes = ArrayField(
        models.CharField(max_length=32),
        default=list,
        blank=True,
        help_text="Purposes to which this source has obtained consent elsewhere, such as"
        " analytics, personalization. A choice that is known always wins.",
    )
    every_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Asked this often. Leave empty to run it by hand."
    )
    is_active = models.BooleanField("active", default=False)
    cursor = models.CharField(
        "read until",
        max_length=200,
        blank=True,
        help_text="Where the next run goes on. Empty it to read everything again.",
    )
    failures = models.PositiveSmallIntegerField("failures in a row", default=0, editable=False)
    next_run_at = models.DateTimeField("next run", null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(every_minutes__isnull=True) | models.Q(every_minutes__gte=1),
                name="connection_runs_at_most_every_minute",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what no run could use."""
        if self.secret_variable and not VARIABLE.fullmatch(self.secret_variable):
            message = "Use capitals, digits and underscores behind CONNECTOR_SECRET_."
            raise ValidationError({"secret_variable": message})
        if unknown := set(self.vouched_purposes) - set(OPTIONAL):
            message = f"Unknown: {', '.join(sorted(unknown))}. Use: {', '.join(OPTIONAL)}."
            raise ValidationError({"vouched_purposes": message})
        if not self.mapping.strip():
            if self.is_active:
                raise ValidationError({"mapping": "An active connection needs a mapping."})
            return
        try:
            read_mapping(self.mapping)
        except MappingError as error:
            raise ValidationError({"mapping": str(error)}) from error

    @property
    def connector(self) -> Connector:
        """The class that knows how to ask this kind of system."""
        return CONNECTORS[self.kind]

    @property
    def source_mapping(self) -> SourceMapping:
        """The mapping, read and completed; raises MappingError."""
        return self.connector.completed(read_mapping(self.mapping))

    def after(self, *, now: datetime, failed: bool) -> datetime | None:
        """Return when to ask next; None: when somebody asks for it."""
        if failed:
            doublings = min(self.failures, MOST_DOUBLINGS)
            return now + min(FIRST_RETRY * int(2**doublings), LAST_RETRY)
        return now + timedelta(minutes=self.every_minutes) if self.every_minutes else None


class Run(models.Model):
    """What one run did. It names rows and columns of the source, and no values."""

    class State(models.TextChoices):
        """How far a run is; the last two are final."""

        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    started_by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="The last sign of life.")
    finished_at = models.DateTimeField(null=True)
    message = models.TextField(blank=True)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    examples = models.JSONField("refused rows", default=list)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(state="running"),
                name="connection_has_one_run_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection} on {self.started_at:%Y-%m-%d %H:%M}"
