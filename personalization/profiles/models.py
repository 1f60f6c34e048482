"""Profiles and the identifiers that lead to them."""

from collections.abc import Iterator
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from personalization.vault.naming import canonical


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Profiles, all of them if need be."""

    def id_batches(self, size: int) -> Iterator[list[int]]:
        """Yield all ids in their order, at most `size` at once; memory stays bounded."""
        in_order = self.order_by("pk").values_list("pk", flat=True)
        ids = list(in_order[:size])
        while ids:
            yield ids
            ids = list(in_order.filter(pk__gt=ids[-1])[:size])


class Profile(models.Model):
    """What is known of one visitor; `facts` is described in `profiles/facts.py`."""

    facts = models.JSONField(default=dict, editable=False)
    # Acts in the facts and nowhere else: of somebody who agreed to personalization but not to
    # analytics, or so old that their events were dropped.
    has_unkept_acts = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = "profile"

    def __str__(self) -> str:
        return f"Profile {self.pk}"


class ProfileIdentifier(models.Model):
    """One identifier of a profile, kept as a keyed digest."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=16)
    pseudonym = models.CharField(max_length=32, unique=True)
    # The identifier that it was named together with when it joined.
    beside_id = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "identifier"
        constraints = [
            # Two people on one browser are two profiles, so a profile has one user id at most.
            models.UniqueConstraint(
                fields=["profile"],
                condition=models.Q(kind="user"),
                name="profile_has_one_user_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} …{self.pseudonym[-4:]}"


class MergeQuerySet(models.QuerySet["ProfileMerge"]):
    """Questions asked of merges."""

    def in_force(self) -> Self:
        """Return those that nobody has undone."""
        return self.filter(undone_at=None)


class ProfileMerge(models.Model):
    """That two profiles were found to be one person: how it was found, and what to give back.

    While it is in force the absorbed profile exists no longer; what was computed for it must still
    be found when the person asks. `kept` is who has its history now, `into_id` who took it: they
    differ where that one was itself absorbed later.
    """

    class Means(models.TextChoices):
        """Who or what found it."""

        EVENT = "event", "an event named both"
        LIKENESS = "likeness", "their personal data are alike"
        PERSON = "person", "a person looked at both"

    kept = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="merges")
    into_id = models.BigIntegerField()
    absorbed_id = models.BigIntegerField()
    means = models.CharField(max_length=16, choices=Means, default=Means.EVENT)
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=150, blank=True, help_text="Empty: the system itself.")
    # [[kind, pseudonym], …]: what the evidence named on either side.
    evidence_kept = models.JSONField(default=list)
    evidence_absorbed = models.JSONField(default=list)
    event_type = models.CharField(max_length=64, blank=True)
    event_id = models.UUIDField(null=True)
    # What goes back when it is undone; events know by which identifier they came.
    identifier_ids = ArrayField(models.BigIntegerField(), default=list)
    merged_at = models.DateTimeField(db_default=Now(), editable=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_why = models.CharField(max_length=300, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = "merge"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed_id"],
                condition=models.Q(undone_at=None),
                name="profile_is_absorbed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Profile {self.absorbed_id} into {self.into_id}"


class KeptApart(models.Model):
    """Two identifiers that must not make two profiles one again: their merge was undone."""

    pseudonym = models.CharField(max_length=32)
    other = models.CharField(max_length=32, db_index=True)  # the greater of the two
    because_of = models.ForeignKey(ProfileMerge, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pseudonym", "other"], name="pair_is_kept_apart_once"),
            models.CheckConstraint(
                condition=models.Q(pseudonym__lt=models.F("other")), name="pair_is_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.pseudonym[-4:]} and …{self.other[-4:]}"


class UnjoinedIdentifier(models.Model):
    """An identifier that was named together with a profile and yet not joined to it, and why."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="unjoined")
    kind = models.CharField(max_length=16)
    pseudonym = models.CharField(max_length=32)
    reason = models.CharField(max_length=200)
    first_seen = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "identifier not joined"
        verbose_name_plural = "identifiers not joined"
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "pseudonym"], name="identifier_is_unjoined_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} …{self.pseudonym[-4:]}"


class WantedTrait(models.Model):
    """A trait the shop would like to know of everybody, and how much it matters."""

    name = models.CharField(
        "trait",
        max_length=64,
        unique=True,
        help_text="As it is sent, such as country, birthday or shoe_size.",
    )
    weight = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How much it matters: a trait of weight 2 fills a profile twice as much.",
    )

    class Meta:
        ordering = ["-weight", "name"]
        verbose_name = "wanted trait"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weight__gte=1) & models.Q(weight__lte=100),
                name="wanted_trait_weighs_1_to_100",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Name personal traits as the vault does, so that two spellings are one wish."""
        self.name = canonical(self.name.strip()) or self.name.strip()
