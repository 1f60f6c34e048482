"""What somebody set up to follow a segment, and whether it may act yet."""

from typing import Any, Self

from django.db import models


class InForceQuerySet(models.QuerySet[Any]):
    """Questions asked of what follows."""

    def in_force(self) -> Self:
        """Return what is active and waits for nobody."""
        return self.filter(is_active=True, waits=False)


class Follows(models.Model):
    """Acts while it is active; where a second person must approve, as one approved it.

    `waits`: it does nothing before somebody approves it. `proposed`: what was stated of it since it
    is in force, which takes the place of what is in force once somebody approves it.
    """

    is_active = models.BooleanField("active", default=True)
    waits = models.BooleanField("waits for approval", default=False, editable=False)
    proposed = models.JSONField("proposed", null=True, blank=True, editable=False)
    saved_by = models.CharField(max_length=150, blank=True, editable=False)
    approved_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_in_force(self) -> bool:
        """Whether it is active and waits for nobody."""
        return self.is_active and not self.waits

    @property
    def needs_somebody(self) -> bool:
        """Whether it, or what was changed of it, waits for a second person."""
        return self.waits or self.proposed is not None

    def stated(self) -> dict[str, Any]:
        """Return all that people state of it, as JSON holds it."""
        fields = (one for one in self._meta.concrete_fields if one.editable)
        return {one.attname: getattr(self, one.attname) for one in fields if not one.primary_key}
