"""Visitors whose segments must not change unseen."""

from django.db import models

from personalization.segments.models.segment import Segment


class GoldenVisitor(models.Model):
    """Someone, frozen at a moment and without identifiers, whose segments must not change unseen.

    `facts` are those of `profiles/facts.py` as `segments/golden.py` keeps them.
    """

    name = models.CharField(
        max_length=80, unique=True, help_text="What kind of visitor this is, not who it was."
    )
    facts = models.JSONField(editable=False)
    context = models.JSONField("visit", default=dict, blank=True, editable=False)
    frozen_at = models.DateTimeField(editable=False)
    belongs_to = models.ManyToManyField(
        Segment,
        blank=True,
        related_name="golden_members",
        help_text="Publishing is stopped when this visitor would no longer be in these.",
    )
    stays_out_of = models.ManyToManyField(
        Segment,
        blank=True,
        related_name="golden_strangers",
        help_text="Publishing is stopped when this visitor would get into these.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
