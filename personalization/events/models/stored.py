"""Events as stored: partitioned by month, each message once."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from personalization.events.counting import AS_ACT, IN_CATEGORY


class Event(models.Model):
    """Something a visitor did.

    `id` is a digest of the message id. The table is partitioned by `occurred_at`, so in the
    database the primary key is (id, occurred_at); that an id is stored once for ever is kept by
    `SeenMessage`.
    """

    id = models.UUIDField(primary_key=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # No foreign key: a partitioned table of hundreds of millions of rows is not scanned for one.
    profile_id = models.BigIntegerField()
    # The best identifier it named: should a merge be undone, it says to which side it goes.
    identifier_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=64)
    item_id = models.CharField(max_length=64, blank=True)
    category = models.CharField(max_length=64, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    # As what facts count it: the bits of `counting.py`.
    counted = models.SmallIntegerField(default=AS_ACT | IN_CATEGORY)
    properties = models.JSONField()
    context = models.JSONField()
    traits = models.JSONField(default=dict)
    # The purposes granted when it was stored; training reads only rows that say "training".
    purposes = ArrayField(models.CharField(max_length=32))
    source = models.CharField(max_length=16, blank=True)  # the door it came through
    # What looked odd and was kept: outliers, types nobody described.
    flags = ArrayField(models.CharField(max_length=64), default=list)

    class Meta:
        verbose_name = "event"
        indexes = [
            models.Index(fields=["profile_id", "occurred_at"], name="event_profile_time"),
            models.Index(fields=["type", "occurred_at"], name="event_type_time"),
            # Rows lie in the order in which they came, so a few pages find those of an hour.
            BrinIndex(fields=["received_at"], name="event_received"),
        ]

    def __str__(self) -> str:
        return f"{self.type} at {self.occurred_at:%Y-%m-%d %H:%M}"


class SeenMessage(models.Model):
    """Digests of all message ids ever stored; they lead to no person."""

    id = models.UUIDField(primary_key=True)

    def __str__(self) -> str:
        return str(self.id)
