"""What was said to visitors, what they chose, and who asked to be forgotten."""

import hashlib
from typing import Any, Final, Self

from django.db import models
from django.db.models import F, Q

GRANTED: Final = "granted"
DENIED: Final = "denied"
WITHDRAWN: Final = "withdrawn"
STATES: Final = {GRANTED: "granted", DENIED: "refused", WITHDRAWN: "withdrawn"}


class Notice(models.Model):
    """What visitors are told when they are asked; never changed, only followed by a new version."""

    version = models.PositiveIntegerField(
        help_text="One more than the last. Choices remember the version that was shown."
    )
    locale = models.CharField(
        max_length=16, default="en", help_text="Language of the text, such as en or fr."
    )
    text = models.TextField(help_text="Say in plain words what is asked, and what for.")
    sha256 = models.CharField("fingerprint of the text", max_length=64, editable=False)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version", "locale"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "locale"], name="notice_has_one_text_per_locale"
            ),
        ]

    def __str__(self) -> str:
        return f"Notice {self.version} ({self.locale})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Fingerprint the text; the database refuses to change a notice once it is there."""
        self.sha256 = hashlib.sha256(self.text.encode()).hexdigest()
        super().save(*args, **kwargs)


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Look-ups of erased people."""

    def among(self, pseudonyms: Any) -> set[str]:
        """Return which of these pseudonyms were erased."""
        return set(self.filter(pseudonym__in=pseudonyms).values_list("pseudonym", flat=True))


class Suppression(models.Model):
    """That a person was erased; a keyed digest that keeps imports from bringing them back."""

    pseudonym = models.CharField(max_length=32, unique=True, editable=False)
    erased_at = models.DateTimeField(editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-erased_at"]

    def __str__(self) -> str:
        return f"…{self.pseudonym[-4:]} erased on {self.erased_at:%Y-%m-%d}"


class ConsentRecordQuerySet(models.QuerySet["ConsentRecord"]):
    """Readings of the history."""

    def current(self) -> Self:
        """Return the latest record of each subject and purpose."""
        return self.order_by("pseudonym", "purpose", "-pk").distinct("pseudonym", "purpose")


class ConsentRecord(models.Model):
    """One choice of one subject for one purpose; the database refuses to change or delete it.

    Per subject, ids rise in the order of commits (see `proving.py`), so the highest id is current.
    """

    pseudonym = models.CharField("subject", max_length=32, editable=False)
    purpose = models.CharField(max_length=32)
    state = models.CharField(max_length=9, choices=STATES)
    notice_version = models.PositiveIntegerField(null=True)
    notice_locale = models.CharField(max_length=16, blank=True)
    notice_hash = models.CharField(max_length=64, blank=True)
    mechanism = models.CharField(max_length=32)
    jurisdiction = models.CharField(max_length=16, blank=True)
    ip = models.CharField("network", max_length=45, blank=True)
    user_agent = models.CharField("browser", max_length=100, blank=True)
    recorded_at = models.DateTimeField()

    objects = ConsentRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(F("pseudonym"), F("purpose"), F("id").desc(), name="consentrecord_current")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="consentrecord_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.pseudonym[-4:]} {self.state} {self.purpose}"


class Unmirrored(models.Model):
    """That Redis may not know a subject's latest choices; written with them, then removed.

    A process that dies between PostgreSQL and Redis leaves this row, and the scheduled task
    catches up: a withdrawal must not get lost in the gap.
    """

    pseudonym = models.CharField(max_length=32, db_index=True)

    def __str__(self) -> str:
        return f"…{self.pseudonym[-4:]}"
