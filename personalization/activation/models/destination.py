"""Systems that are told, and what they were told."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Now

from consent.purposes import OPTIONAL
from consent.subjects import KINDS
from personalization.activation.models.in_force import Follows, InForceQuerySet
from personalization.segments.models import Segment

FIRST_RETRY: Final = timedelta(seconds=30)
LAST_RETRY: Final = timedelta(hours=4)
MOST_DOUBLINGS: Final = 9
# From then on nobody waits for the news any more.
GIVEN_UP_AFTER: Final = timedelta(days=1)


def new_id() -> str:
    """Return an id that is used once."""
    return uuid.uuid4().hex


class DestinationQuerySet(InForceQuerySet):
    """Questions asked of destinations."""


class Destination(Follows):
    """A system outside that is told: where it is, and for which purpose it may be told what.

    `proposed_secret` belongs to what is proposed; empty where that has the secret that is there.
    """

    class Kind(models.TextChoices):
        """How it is told."""

        WEBHOOK = "webhook", "Webhook"
        BUCKET = "bucket", "S3-compatible storage"

    id = models.CharField(max_length=32, primary_key=True, default=new_id, editable=False)
    name = models.CharField(
        max_length=80, unique=True, help_text="How you call this system: “Newsletter”, “Ads”."
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.WEBHOOK)
    url = models.CharField(
        "address",
        max_length=500,
        validators=[URLValidator(["https", "http"])],
        help_text="Of a webhook: where news is posted. Of a storage: its address, such as"
        " https://s3.eu-central-1.amazonaws.com.",
    )
    purpose = models.CharField(
        max_length=32,
        choices=[(purpose, purpose.replace("_", " ")) for purpose in OPTIONAL],
        default="advertising",
        help_text="What the system does with it. It is told only of people who agreed to this.",
    )
    identifier_kinds = ArrayField(
        models.CharField(max_length=16, choices=[(kind, kind) for kind in KINDS]),
        verbose_name="identifiers",
        default=list,
        blank=True,
        help_text="Which pseudonyms of a person it is told besides our own number.",
    )
    segments = models.ManyToManyField(
        Segment,
        blank=True,
        related_name="+",
        help_text="A webhook is told who enters and leaves these.",
    )
    tells_entered = models.BooleanField("tell who enters", default=True)
    tells_left = models.BooleanField("tell who leaves", default=True)
    bucket = models.CharField(max_length=80, blank=True)
    prefix = models.CharField(
        "folder", max_length=200, blank=True, help_text="Files are put into this folder."
    )
    region = models.CharField(max_length=40, blank=True, default="us-east-1")
    access_key = models.CharField(max_length=128, blank=True)
    sealed_secret = models.BinaryField(default=bytes, editable=False)
    proposed_secret = models.BinaryField(default=bytes, editable=False)
    failures = models.PositiveSmallIntegerField("failures in a row", default=0, editable=False)
    disabled_because = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def stated(self) -> dict[str, Any]:
        """Return what people state of it too: which segments, and by a digest which secret."""
        segments = sorted(self.segments.values_list("pk", flat=True))
        secret = hashlib.sha256(bytes(self.sealed_secret)).hexdigest()
        return {**super().stated(), "segments": segments, "secret": secret}

    def clean(self) -> None:
        """Refuse what could not be reached or written."""
        if urlsplit(self.url).username:
            raise ValidationError({"url": "Leave name and password out of the address."})
        if self.kind == self.Kind.BUCKET:
            missing = [name for name in ("bucket", "access_key") if not getattr(self, name)]
            if missing:
                raise ValidationError(dict.fromkeys(missing, "A storage needs this."))


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions asked of deliveries."""

    def due(self, now: datetime) -> Self:
        """Return what waits, whose time has come, and whose destination takes news."""
        takes_news = Destination.objects.in_force()
        return self.filter(
            state=Delivery.State.WAITING, next_try_at__lte=now, destination__in=takes_news
        )


class Delivery(models.Model):
    """One piece of news for one destination, and how often it was tried.

    `body` is what is sent, the same at each try; it names a person by pseudonyms only. `tries` has
    every one: when it began, how long it took in milliseconds, the status, and what was answered or
    why nothing was.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "waiting"
        DELIVERED = "delivered", "delivered"
        FAILED = "failed", "given up"
        WITHHELD = "withheld", "withheld: no consent"

    id = models.CharField(max_length=32, primary_key=True, default=new_id, editable=False)
    destination = models.ForeignKey(
        Destination, on_delete=models.CASCADE, related_name="deliveries"
    )
    type = models.CharField(max_length=32)
    body = models.JSONField(default=dict)
    # None: nobody in particular; and news of an erasure, which outlives what it is about.
    profile_id = models.BigIntegerField(null=True, db_index=True)
    transition_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField("next try", null=True)
    ended_at = models.DateTimeField("ended", null=True)
    response_code = models.PositiveSmallIntegerField("answer", null=True)
    excerpt = models.CharField("what it said", max_length=500, blank=True)
    tries = models.JSONField("every try", default=list)  # [{"at", "ms", "code", "said"}, …]

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state="waiting"),
                name="delivery_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "transition_id"], name="delivery_tells_a_transition_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.destination}"

    def next_after_failure(self, now: datetime) -> datetime | None:
        """Return when to try again: 30 seconds, a minute, two …; None after a day."""
        doublings = min(max(self.attempts - 1, 0), MOST_DOUBLINGS)
        again = now + min(FIRST_RETRY * int(2**doublings), LAST_RETRY)
        return None if again > self.created_at + GIVEN_UP_AFTER else again


class Told(models.Model):
    """That a destination was told of a profile, by these pseudonyms: it must hear of an erasure.

    Written before the request leaves: its answer may be lost.
    """

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    profile_id = models.BigIntegerField(db_index=True)
    identifiers = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "told"
        constraints = [
            models.UniqueConstraint(fields=["destination", "profile_id"], name="told_once"),
        ]

    def __str__(self) -> str:
        return f"Profile {self.profile_id} to {self.destination}"
