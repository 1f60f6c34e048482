"""What the census keeps of each profile, and how far it is.

Beside what the models name, `census_row` has the columns of the slots (`slots.py`): they are of no
use to anyone who does not know which fact sits where, and so only the statements here name them.
"""

from typing import Final

from django.db import models

from personalization.profiles.models import Profile

# What a slot has room for: only a number, only yes or no, two numbers, or whatever a trait can be.
AMOUNT: Final = "amount"
FLAG: Final = "flag"
PAIR: Final = "pair"
VALUE: Final = "value"
SHAPES: Final = (AMOUNT, FLAG, PAIR, VALUE)


class Row(models.Model):
    """The facts of one profile in typed columns, as they are on one day (UTC, since 1970)."""

    profile = models.OneToOneField(
        Profile, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    day = models.IntegerField()

    def __str__(self) -> str:
        return f"Profile {self.profile_id} on day {self.day}"


class Change(models.Model):
    """That a profile changed since its row was written; a trigger on profiles adds these."""

    profile_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"Profile {self.profile_id}"


class ChoiceChange(models.Model):
    """That somebody chose, or was erased, since their rows were written; triggers add these.

    It is noted by identifier, because that may be given to a profile at the same moment.
    """

    pseudonym = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"…{self.pseudonym[-4:]}"


class Slot(models.Model):
    """Which fact sits in a slot, as JSON, and whether every row has it.

    `made_by` tells how it is read, so that a fact whose reading was reprogrammed is filled anew.
    """

    shape = models.CharField(max_length=8, choices=[(one, one) for one in SHAPES])
    number = models.PositiveSmallIntegerField()
    fact = models.TextField(unique=True)
    made_by = models.CharField(max_length=64)
    is_filled = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shape", "number"], name="slot_holds_one_fact"),
        ]

    def __str__(self) -> str:
        return f"{self.shape} {self.number}: {self.fact}"


class Layout(models.Model):
    """What all rows have in common; there is one, and whoever changes rows or slots locks it.

    `version` grows with each change of the slots or the day, so that a statement can tell whether
    it was made for what it meets. Rows are written for `day`; `is_turned` says that all are.
    Up to the profile `cursor` rows have been rewritten; None: nothing is to be.
    """

    version = models.BigIntegerField(default=0)
    day = models.IntegerField(default=0)
    is_turned = models.BooleanField(default=False)
    cursor = models.BigIntegerField(null=True, default=None)

    def __str__(self) -> str:
        return f"Layout {self.version}"
