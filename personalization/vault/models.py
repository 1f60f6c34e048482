"""What says directly who a visitor is: sealed values, the key of each person, and who looked."""

import uuid
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

LONGEST_NAME: Final = 150
LONGEST_FIELD: Final = 32


class SubjectKey(models.Model):
    """The data key of one person, wrapped by a master key. Destroying it erases the values."""

    profile_id = models.BigIntegerField(primary_key=True)
    # Sealed values name it; a key made anew after an erasure opens nothing that was sealed before.
    key_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    wrapped = models.BinaryField()
    # Which master key wraps it: rotation asks for those of the others.
    master = models.CharField(max_length=32, db_index=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "key of a person"
        verbose_name_plural = "keys of people"

    def __str__(self) -> str:
        return f"Key of profile {self.profile_id}"


class SealedValue(models.Model):
    """The latest statement of one direct identifier or personal trait, encrypted."""

    profile_id = models.BigIntegerField()
    name = models.CharField(max_length=64)
    sealed = models.BinaryField()
    source = models.CharField(max_length=16, blank=True)  # the door it came through
    stated_at = models.DateTimeField()

    class Meta:
        verbose_name = "sealed value"
        permissions = [("unmask_sealedvalue", "Can see direct identifiers in the clear")]
        constraints = [
            models.UniqueConstraint(fields=["profile_id", "name"], name="sealed_value_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of profile {self.profile_id}"


class Look(models.Model):
    """That direct identifiers were seen, and by whom; never what was seen.

    By somebody who works here: in the clear. By a partner's key: which kinds there are, masked. The
    database refuses to change or delete it.
    """

    seen_by = models.CharField(max_length=LONGEST_NAME)
    profile_id = models.BigIntegerField("profile")
    fields = ArrayField(models.CharField(max_length=LONGEST_FIELD))
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "look at direct identifiers"
        verbose_name_plural = "looks at direct identifiers"

    def __str__(self) -> str:
        return f"{self.seen_by} looked at profile {self.profile_id}"
