"""Segments as marketers edit them, and everything that was ever published."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.text import slugify

from personalization.segments.references import inlined
from personalization.segments.rules import Rule, RuleError, parse_rule


def check_rule(raw: Any) -> None:
    """Refuse a rule that cannot be read, naming the place."""
    try:
        parse_rule(raw)
    except RuleError as error:
        raise ValidationError(str(error)) from error


class Segment(models.Model):
    """A group of visitors, as last saved; what visitors meet is what was last published."""

    key = models.SlugField(max_length=64, unique=True, editable=False)
    name = models.CharField(
        max_length=80, unique=True, help_text="How you and your colleagues call these visitors."
    )
    description = models.TextField(
        blank=True, help_text="What this segment is for. Visitors never see it."
    )
    rule = models.JSONField(validators=[check_rule], editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new segment a key, which it keeps when it is renamed.

        Raises RuleError where its rule leads in a circle, or to a segment that is not there.
        """
        self.key = self.key or free_key(Segment.objects.all(), self.name)
        self.check_references()
        super().save(*args, **kwargs)

    @property
    def parsed_rule(self) -> Rule:
        """The rule as values; raises RuleError."""
        return parse_rule(self.rule)

    def check_references(self) -> None:
        """Refuse a rule whose segments cannot be put in their place; raises RuleError."""
        try:
            rule = self.parsed_rule
        except RuleError:
            # A draft may be unfinished; publishing refuses it.
            return
        inlined(rule, resolve=saved_rule, key=self.key)

    def definition(self) -> dict[str, Any]:
        """Return what is published of a segment."""
        return {"name": self.name, "rule": self.rule}


def saved_rule(key: str) -> Rule | None:
    """Return the rule of a segment as last saved; None where there is no such segment.

    Raises RuleError.
    """
    raw = Segment.objects.filter(key=key).values_list("rule", flat=True).first()
    return None if raw is None else parse_rule(raw)


class Publication(models.Model):
    """One version of everything that visitors can meet; the latest is the live one.

    `changes` lists what differs from the version before, as "segments/high-value".
    """

    version = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    checksum = models.CharField(max_length=64)
    changes = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField("by", max_length=150)

    class Meta:
        ordering = ["-version"]
        get_latest_by = "version"

    def __str__(self) -> str:
        return f"Version {self.version}"


class SegmentSize(models.Model):
    """How many profiles a live segment matched on one day, of how many there were.

    Where the rule reads the visit, it is the most there can be.
    """

    key = models.CharField(max_length=64)
    day = models.DateField()
    matched = models.PositiveIntegerField()
    total = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "day"], name="segment_has_one_size_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.day}: {self.matched}"


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


def free_key(taken: "models.QuerySet[Any]", name: str) -> str:
    """Return a key made of the name that no other row of `taken` has."""
    base = slugify(name)[:56] or "unnamed"
    keys = set(taken.filter(key__startswith=base).values_list("key", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(keys) + 3))
    return base if base not in keys else next(key for key in numbered if key not in keys)
