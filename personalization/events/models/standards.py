"""What the door holds events against; people edit it, and every process follows."""

import math

from django.db import models
from django.db.models.functions import Now


class EventSchema(models.Model):
    """One version of what events of a type must look like; at most one of a type is in force."""

    type = models.SlugField(
        max_length=64,
        help_text="The event type, such as item_view: small letters, digits and underscores.",
    )
    version = models.PositiveIntegerField(help_text="Counts up with each save.")
    schema = models.JSONField(
        blank=True,
        help_text="A JSON Schema (2020-12) of an object with properties, context and traits."
        " Names, e-mail addresses and phone numbers are taken out before an event is checked.",
    )
    is_active = models.BooleanField("in force", default=True)
    note = models.CharField(
        max_length=200, blank=True, help_text="Why it was changed, for those who read it later."
    )
    saved_at = models.DateTimeField(db_default=Now(), editable=False)
    saved_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = "event schema"
        ordering = ["type", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["type", "version"], name="schema_version_used_once"),
            models.UniqueConstraint(
                fields=["type"],
                condition=models.Q(is_active=True),
                name="one_schema_of_a_type_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type}, version {self.version}"


class EventMapping(models.Model):
    """That one spelling means another; replaced at the door."""

    class Kind(models.TextChoices):
        """What is spelled in several ways."""

        ITEM = "item", "item id"
        CATEGORY = "category", "category label"
        COUNTRY = "country", "country"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    stated = models.CharField(
        "as it is sent",
        max_length=64,
        help_text="Categories and countries are compared without case, item ids exactly.",
    )
    meant = models.CharField(
        "what it means",
        max_length=64,
        help_text="Our item id, the category's key, or a country code of two letters.",
    )

    class Meta:
        verbose_name = "spelling"
        ordering = ["kind", "stated"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "stated"], name="a_spelling_means_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.stated} is {self.meant}"


class IntakePolicy(models.Model):
    """The one row that says what happens to types that nobody has described."""

    class Unknown(models.TextChoices):
        """What can happen to them."""

        ACCEPT = "accept", "accept them"
        QUARANTINE = "quarantine", "keep them aside for seven days"

    unknown_types = models.CharField(
        "events of unknown types",
        max_length=16,
        choices=Unknown.choices,
        default=Unknown.ACCEPT,
        help_text="A type is known when a schema for it is in force. What is kept aside counts"
        " nowhere until somebody lets it in.",
    )

    class Meta:
        verbose_name = "intake policy"
        verbose_name_plural = "intake policy"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_intake_policy"),
        ]

    def __str__(self) -> str:
        return "Intake policy"


class OrdinaryValue(models.Model):
    """What numbers of one field of one event type usually are, learned from four weeks."""

    type = models.CharField(max_length=64)
    field = models.CharField(max_length=64)
    median = models.FloatField()
    spread = models.FloatField(help_text="In units of a standard deviation.")
    is_log = models.BooleanField(default=False, help_text="Whether both are of logarithms.")
    values = models.PositiveIntegerField(help_text="From how many events.")
    learned_at = models.DateTimeField()

    class Meta:
        verbose_name = "ordinary value"
        constraints = [
            models.UniqueConstraint(fields=["type", "field"], name="one_ordinary_value_of_a_field"),
        ]

    def __str__(self) -> str:
        middle = math.exp(self.median) if self.is_log else self.median
        return f"{self.type} {self.field}: usually about {middle:g}"
