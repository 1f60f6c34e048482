"""Requests of data subjects, their audit, and the receipts that prove what was done."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import models
from django.db.models import Q
from django.urls import reverse

RECEIVED: Final = "received"
VERIFIED: Final = "verified"
PROCESSING: Final = "processing"
VERIFYING: Final = "verifying"
COMPLETED: Final = "completed"
PARTIAL: Final = "partial"
FAILED: Final = "failed"
ENDED: Final = frozenset({COMPLETED, PARTIAL, FAILED})
# Partial and failed requests are run again after what stood in the way was mended.
MOVES: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({RECEIVED}),
    RECEIVED: frozenset({VERIFIED}),
    VERIFIED: frozenset({PROCESSING}),
    PROCESSING: frozenset({PROCESSING, VERIFYING, FAILED}),
    VERIFYING: frozenset({PROCESSING, COMPLETED, PARTIAL, FAILED}),
    PARTIAL: frozenset({VERIFIED}),
    FAILED: frozenset({VERIFIED}),
    COMPLETED: frozenset(),
}
STATES: Final = [(state, state) for state in MOVES if state]
TYPES: Final = {"erasure": "erasure"}
REGULATIONS: Final = {"gdpr": "GDPR", "ccpa": "CCPA"}


class MoveRefused(Exception):
    """A request cannot go from its state to the one asked for."""


class PrivacyRequest(models.Model):
    """What a person asked for; the row is the queue, so a lost message loses nothing.

    Who the person is stands here as a keyed digest only. `person` holds what the identifiers
    resolved to while the request is worked on, and is emptied at the end.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=16, choices=TYPES, default="erasure")
    regulation = models.CharField(max_length=16, choices=REGULATIONS, default="gdpr")
    subject_kind = models.CharField("kind of identifier", max_length=16)
    pseudonym = models.CharField("subject", max_length=32, db_index=True)
    opened_by = models.CharField(max_length=150)
    state = models.CharField(max_length=16, choices=STATES, blank=True)
    received_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    run = models.PositiveIntegerField(default=1)
    attempts = models.PositiveIntegerField(default=0)
    person = models.JSONField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-received_at"]
        indexes = [
            models.Index(
                fields=["changed_at"],
                condition=~Q(state__in=sorted(ENDED)),
                name="privacyrequest_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} …{str(self.id)[-4:]}"

    def get_absolute_url(self) -> str:
        """Return where a partner can follow the request."""
        return reverse("privacy-request", args=[self.pk])

    @property
    def is_ended(self) -> bool:
        """Whether nothing more happens unless an officer runs it again."""
        return self.state in ENDED

    @property
    def latest_receipt(self) -> "Receipt | None":
        """The receipt of the last run, if one has ended."""
        return self.receipts.order_by("-run").first()

    def move(self, to: str, *, by: str, now: datetime, note: str = "") -> None:
        """Go to another state and audit it; raises MoveRefused where there is no such way."""
        if to not in MOVES[self.state]:
            raise MoveRefused(f"A request that is {self.state} cannot become {to}.")
        came_from, self.state, self.changed_at = self.state, to, now
        self.save()
        self.transitions.create(from_state=came_from, to_state=to, at=now, by=by, note=note)


class PrivacyRequestTransition(models.Model):
    """One change of a request's state; the database refuses to change or delete it."""

    request = models.ForeignKey(
        PrivacyRequest, on_delete=models.PROTECT, related_name="transitions"
    )
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "change of state"
        verbose_name_plural = "changes of state"

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} → {self.to_state}"


class Receipt(models.Model):
    """Proof of one finished run, chained to the receipt before it; see `receipts.py`."""

    request = models.ForeignKey(PrivacyRequest, on_delete=models.PROTECT, related_name="receipts")
    run = models.PositiveIntegerField()
    body = models.JSONField()
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "run"], name="receipt_is_issued_once_per_run"
            ),
        ]

    def __str__(self) -> str:
        return f"Receipt {self.pk}"

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as it is handed out."""
        return {
            **self.body,
            "previous_hash": self.previous_hash,
            "hash": self.hash,
            "signature": self.signature,
        }
