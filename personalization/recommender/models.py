"""What a model learned of each profile; the artifacts themselves hold no person."""

from django.db import models

from personalization.learning.models import ModelVersion


class Representation(models.Model):
    """One profile's vector in one model version: float32 [components + 1], bias last."""

    # The migration adds a foreign key that deletes in the database: profiles are merged and
    # erased by rooms that know nothing of this one.
    profile_id = models.BigIntegerField()
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="representations"
    )
    vector = models.BinaryField()

    class Meta:
        verbose_name = "representation"
        constraints = [
            models.UniqueConstraint(
                fields=["profile_id", "version"], name="one_representation_in_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"Representation of profile {self.profile_id}"
