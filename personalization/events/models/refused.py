"""What did not get in, kept for a while so that it can be let in after all."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class RefusedEvent(models.Model):
    """An event of someone who has agreed, that was refused or kept aside.

    `payload` is the event as JSON without direct identifiers; bytes, because what was wrong with
    it may be that PostgreSQL has no such text. `sealed` is all of it, encrypted, where that says
    more. Rows are deleted after seven days.
    """

    class Kind(models.TextChoices):
        """Why it is here."""

        REFUSED = "refused", "refused"
        QUARANTINED = "quarantined", "of an unknown type"

    digest = models.UUIDField(unique=True)  # the same event sent again is kept once
    kind = models.CharField(max_length=16, choices=Kind.choices)
    type = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=16)
    field = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300)
    received_at = models.DateTimeField()
    payload = models.BinaryField()
    sealed = models.BinaryField(default=bytes)
    identifiers = models.JSONField(default=dict)  # {kind: pseudonym} of further identifiers
    pseudonyms = ArrayField(models.CharField(max_length=32))

    class Meta:
        verbose_name = "refused event"
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["received_at"], name="refused_received"),
            GinIndex(fields=["pseudonyms"], name="refused_pseudonyms"),
        ]

    def __str__(self) -> str:
        return f"{self.type or 'an event'} of {self.received_at:%Y-%m-%d %H:%M}"


class DeadLetter(models.Model):
    """An accepted event that could not be stored. It waits in a stream; there is no table."""

    class Meta:
        managed = False
        default_permissions = ("view", "change", "delete")
        verbose_name = "dead letter"

    def __str__(self) -> str:
        return f"Dead letter {self.pk}"
