"""Segments as marketers edit them."""

from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.text import slugify

from personalization.rules.parsing import Rule, RuleError, parse_rule
from personalization.rules.references import inlined
from personalization.segments.models.proposal import HistoryEntry
from personalization.segments.models.publication import LiveEntry, SegmentSize


def check_rule(raw: Any) -> None:
    """Refuse a rule that cannot be read, naming the place."""
    try:
        parse_rule(raw)
    except RuleError as error:
        raise ValidationError(str(error)) from error


class Kind(models.TextChoices):
    """Where its members come from; whatever the kind, a rule says who belongs to it."""

    DYNAMIC = "dynamic", "Rule"
    STATIC = "static", "List"
    COMBINED = "combined", "Combination"
    PREDICTIVE = "predictive", "Score"


class Segment(models.Model):
    """A group of visitors, as last saved; what visitors meet is what was last published."""

    key = models.SlugField(max_length=64, unique=True, editable=False)
    name = models.CharField(
        max_length=80, unique=True, help_text="How you and your colleagues call these visitors."
    )
    description = models.TextField(
        blank=True, help_text="What this segment is for. Visitors never see it."
    )
    kind = models.CharField(
        max_length=16, choices=Kind.choices, default=Kind.DYNAMIC, editable=False
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
        permissions = [("export_segment", "Can export the members of a segment")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new segment a key, which it keeps when it is renamed.

        Raises RuleError where its rule leads in a circle, or to a segment that is not there.
        """
        self.key = self.key or free_key(Segment.objects.all(), self.name, past=_past_keys)
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


def free_key(
    taken: "models.QuerySet[Any]",
    name: str,
    *,
    past: Callable[[str], Collection[str]] = lambda _: (),
) -> str:
    """Return a key made of the name that no other row of `taken` has.

    `past` returns those that begin so and that deleted rows had. Keys are in addresses and file
    names: of a name without Latin letters or digits it is a digest.
    """
    base = slugify(name)[:56] or f"name-{blake2b(name.encode(), digest_size=4).hexdigest()}"
    keys = {*taken.filter(key__startswith=base).values_list("key", flat=True), *past(base)}
    numbered = (f"{base}-{number}" for number in range(2, len(keys) + 3))
    return base if base not in keys else next(key for key in numbered if key not in keys)


def _past_keys(base: str) -> set[str]:
    """Return the keys that history, what was live, or sizes still know."""
    kept = (
        HistoryEntry.objects.all(),
        LiveEntry.objects.filter(section="segments"),
        SegmentSize.objects.all(),
    )
    return {
        key
        for rows in kept
        for key in rows.filter(key__startswith=base).values_list("key", flat=True).distinct()
    }


def saved_definition(key: str) -> dict[str, Any] | None:
    """Return what a second person sees of a segment as it is saved; None where there is none."""
    segment = Segment.objects.filter(key=key).first()
    if segment is None:
        return None
    return {**segment.definition(), "description": segment.description, "kind": segment.kind}
