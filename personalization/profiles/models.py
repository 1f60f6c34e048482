"""Profiles and the identifiers that lead to them."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from personalization.vault.naming import canonical


class Profile(models.Model):
    """What is known of one visitor; `facts` is described in `profiles/facts.py`."""

    facts = models.JSONField(default=dict, editable=False)
    # Agreed to personalization but not to analytics: such acts are in the facts and nowhere else.
    has_unkept_acts = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "profile"

    def __str__(self) -> str:
        return f"Profile {self.pk}"

    @property
    def provenance(self) -> dict[str, list[Any]]:
        """Who stated each trait, and when: {trait: [source, epoch seconds]}."""
        return dict(self.facts.get("provenance", {}))


class ProfileIdentifier(models.Model):
    """One identifier of a profile, kept as a keyed digest."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=16)
    pseudonym = models.CharField(max_length=32, unique=True)
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


class ProfileMerge(models.Model):
    """That two profiles were found to be one person; the absorbed one exists no longer.

    Kept because what was computed for the absorbed profile must be found when the person asks.
    """

    kept = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="merges")
    absorbed_id = models.BigIntegerField(unique=True)
    reason = models.CharField(max_length=200)
    merged_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "merge"

    def __str__(self) -> str:
        return f"Profile {self.absorbed_id} into {self.kept_id}"


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
