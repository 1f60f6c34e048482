"""What follows when somebody enters a segment."""

from django.core.exceptions import ValidationError
from django.db import models

from personalization.activation.models.destination import Destination
from personalization.activation.models.in_force import Follows, InForceQuerySet
from personalization.content.models import Activity
from personalization.segments.models import Segment


class TriggerQuerySet(InForceQuerySet):
    """Questions asked of triggers."""


class Trigger(Follows):
    """When somebody enters this segment, do that; not more often than stated."""

    class Kind(models.TextChoices):
        """What is done."""

        ACTIVITY = "activity", "Show an activity once"
        EMAIL = "email", "Ask a webhook to send an e-mail"
        TASK = "task", "Run a task"

    segment = models.ForeignKey(
        Segment,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name="when somebody enters",
    )
    kind = models.CharField("then", max_length=8, choices=Kind.choices, default=Kind.ACTIVITY)
    activity = models.ForeignKey(
        Activity,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Shown at the next decision on its placement, before all others, once. It must be"
        " live; its own segment is not asked.",
    )
    within_hours = models.PositiveSmallIntegerField(
        "within hours",
        default=24,
        help_text="An activity that was not shown by then is no longer due.",
    )
    destination = models.ForeignKey(
        Destination,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"kind": Destination.Kind.WEBHOOK},
        help_text="The webhook of the system that sends the e-mail.",
    )
    template = models.CharField(
        max_length=80, blank=True, help_text="How the e-mail system calls the e-mail to send."
    )
    task = models.CharField(
        max_length=120, blank=True, help_text="One of the tasks that the settings allow."
    )
    every_hours = models.PositiveIntegerField(
        "at most once in hours",
        default=24,
        help_text="For one visitor, however often they leave and enter again.",
    )

    objects = TriggerQuerySet.as_manager()

    class Meta:
        ordering = ["segment__name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="activity", activity__isnull=False)
                | (models.Q(kind="email", destination__isnull=False) & ~models.Q(template=""))
                | (models.Q(kind="task") & ~models.Q(task="")),
                name="trigger_has_what_its_kind_needs",
                violation_error_message="Choose the activity, the webhook with its e-mail, or the"
                " task that belongs to “then”.",
            ),
            models.CheckConstraint(
                condition=models.Q(within_hours__gte=1, every_hours__gte=1),
                name="trigger_hours_are_positive",
                violation_error_message="An hour is the least.",
            ),
        ]

    def __str__(self) -> str:
        return f"When somebody enters “{self.segment}”: {self.get_kind_display().lower()}"

    def clean(self) -> None:
        """Refuse a webhook that is none."""
        destination = self.destination
        if destination is not None and destination.kind != Destination.Kind.WEBHOOK:
            raise ValidationError({"destination": "Choose a webhook."})


class Firing(models.Model):
    """That a trigger fired for a profile.

    `ends_at`: until when its activity is due; `shown_at`: since when it is not, having been shown.
    """

    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="firings")
    profile_id = models.BigIntegerField(db_index=True)
    fired_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-fired_at"]
        indexes = [models.Index(fields=["trigger", "profile_id", "fired_at"], name="firing_latest")]

    def __str__(self) -> str:
        return f"{self.trigger} for profile {self.profile_id}"
