"""Funnels: steps that visitors are meant to take one after the other."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from personalization.rules.vocabulary import MAX_MINUTES
from personalization.segments.funnel_steps import BadSteps, read_steps


def check_steps(raw: Any) -> None:
    """Refuse steps that cannot be read."""
    try:
        read_steps(raw)
    except BadSteps as error:
        raise ValidationError(str(error)) from error


class Funnel(models.Model):
    """Two to eight steps, each after the one before, all within the window of the first."""

    name = models.CharField(
        max_length=60, unique=True, help_text="How you and your colleagues call it."
    )
    steps = models.JSONField(
        validators=[check_steps],
        help_text="Two to eight, in the order in which visitors take them. Leave lines empty that"
        " you do not need.",
    )
    window_minutes = models.PositiveIntegerField(
        "time for all steps, in minutes",
        default=1_440,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_MINUTES)],
        help_text="From the first step to the last: 60 is an hour, 1440 a day, 10080 a week.",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_minutes__gte=1)
                & models.Q(window_minutes__lte=MAX_MINUTES),
                name="funnel_window_is_1_to_144000_minutes",
            ),
        ]

    def __str__(self) -> str:
        return self.name
