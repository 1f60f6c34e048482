"""How duplicates are looked for, each search, and the pairs it found."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from personalization.linkage.names import COMPARED

FIELDS: Final = {name: name.replace("_", " ") for name in COMPARED}
COMPARISONS: Final = {
    "name": "names: spelling and typing slips",
    "text": "texts: such as streets and towns",
    "code": "codes and dates: up to two slips",
    "exact": "the same or not",
}
FEWEST_FIELDS: Final = 2


class LinkageSettings(models.Model):
    """What is compared, and what is done with those who are alike. There is one row."""

    blockings: Any = models.TextField(
        "pairs that are looked at",
        help_text="One line for each way to find pairs: the fields that must be the same, with"
        " commas between. A pair that is the same in none of the lines is never looked at; a line"
        " with one frequent value, such as a country, makes the search slow.",
    )
    automatic_above = models.FloatField(
        "merge without asking above",
        default=0.999,
        help_text="A probability from 0 to 1. With 1 nothing is ever merged without asking.",
    )
    review_above = models.FloatField(
        "ask above",
        default=0.5,
        help_text="Pairs that are at least this probable, and not merged, wait for a decision.",
    )

    class Meta:
        verbose_name = "search for duplicates: settings"
        verbose_name_plural = "search for duplicates: settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="linkage_settings_are_one_row"),
            models.CheckConstraint(
                condition=Q(review_above__gt=0)
                & Q(review_above__lte=F("automatic_above"))
                & Q(automatic_above__lte=1),
                name="linkage_thresholds_are_in_order",
                violation_error_message="Ask above a probability over 0, and merge without asking"
                " above a higher one, 1 at most.",
            ),
        ]

    def __str__(self) -> str:
        return "How duplicates are looked for"

    @property
    def blocking_fields(self) -> tuple[tuple[str, ...], ...]:
        """The lines, read: the fields of each."""
        return tuple(
            tuple(name.strip() for name in line.split(","))
            for line in self.blockings.splitlines()
            if line.strip()
        )

    def clean(self) -> None:
        """Refuse a line that names a field there is not."""
        if not self.blocking_fields:
            raise ValidationError({"blockings": "Without a line no pair is ever looked at."})
        for number, names in enumerate(self.blocking_fields, start=1):
            unknown = [name for name in names if name not in FIELDS]
            if unknown:
                raise ValidationError(
                    {
                        "blockings": f"Line {number}: there is no field {unknown[0]!r}. Use"
                        f" {', '.join(FIELDS)}."
                    }
                )


class ComparedField(models.Model):
    """A field that is compared, and how."""

    settings = models.ForeignKey(LinkageSettings, on_delete=models.CASCADE, related_name="fields")
    name = models.CharField("field", max_length=32, choices=FIELDS, unique=True)
    comparison = models.CharField(
        max_length=16, choices=COMPARISONS, help_text="What counts as nearly the same."
    )

    class Meta:
        verbose_name = "compared field"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.get_name_display()


class LinkageRun(models.Model):
    """One search for duplicates, and how far it is."""

    class State(models.TextChoices):
        """Where a search stands; the last two are final."""

        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=64, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    started_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "search for duplicates"
        verbose_name_plural = "searches for duplicates"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Search of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.state in {self.State.DONE, self.State.FAILED}


class Candidate(models.Model):
    """Two profiles that are probably one person, and what was decided. It holds no personal trait.

    Kept after the decision, so that nobody is asked twice.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "waiting for a decision"
        AUTOMATIC = "automatic", "merged without asking"
        ACCEPTED = "accepted", "merged"
        REJECTED = "rejected", "two people"

    # No foreign keys: a merge takes one of the profiles away, and the decision stays.
    profile_id = models.BigIntegerField("profile")
    other_id = models.BigIntegerField("other profile", db_index=True)
    probability = models.FloatField()
    weight = models.FloatField(help_text="In bits: each one doubles the odds.")
    prior = models.FloatField()
    shares = models.JSONField(default=list)  # [[field, finding, bits], …]
    state = models.CharField(max_length=16, choices=State, default=State.OPEN, db_index=True)
    found_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "probable duplicate"
        ordering = ["-weight", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["profile_id", "other_id"], name="candidate_is_one"),
            models.CheckConstraint(
                condition=Q(profile_id__lt=F("other_id")), name="candidate_is_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"Profiles {self.profile_id} and {self.other_id}"
