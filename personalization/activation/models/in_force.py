"""What somebody set up to follow a segment, and whether it may act yet."""

from typing import Any, Self

from django.db import models


class InForceQuerySet(models.QuerySet[Any]):
    """Questions asked of what follows."""

    def in_force(self) -> Self:
        """Return what is active and waits for nobody."""
        return self.filter(is_active=True, waits=False)


class Follows(models.Model):
    """Acts while it is active; where a second person must approve, not before one did."""

    is_active = models.BooleanField("active", default=True)
    waits = models.BooleanField("waits for approval", default=False, editable=False)
    saved_by = models.CharField(max_length=150, blank=True, editable=False)
    approved_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        abstract = True
