"""Everything that was ever published, and what of it is live."""

from django.db import models


class Publication(models.Model):
    """One version of everything that visitors can meet; the latest is the live one.

    `changes` lists what differs from the version before, as "segments/high-value".
    """

    version = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    checksum = models.CharField(max_length=64)
    changes = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField("by", max_length=150)

    class Meta:
        ordering = ["-version"]
        get_latest_by = "version"

    def __str__(self) -> str:
        return f"Version {self.version}"


class SegmentSize(models.Model):
    """How many profiles a live segment matched on one day, of how many there were.

    Where the rule reads the visit, it is the most there can be.
    """

    key = models.CharField(max_length=64)
    day = models.DateField()
    matched = models.PositiveIntegerField()
    total = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "day"], name="segment_has_one_size_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.day}: {self.matched}"


class LiveEntry(models.Model):
    """One entry of the live document by itself, so that lists need not read the whole.

    `definition` is None once it was taken offline; `version` changed it last.
    """

    section = models.CharField(max_length=16)
    key = models.CharField(max_length=64)
    definition = models.JSONField(null=True)
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["section", "key"], name="live_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.section}/{self.key}"
