"""What is kept of how many, without opening anything."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from personalization.vault.models import SealedValue


def names_kept(profile_id: int) -> frozenset[str]:
    """Return which personal traits are kept of a profile."""
    kept = SealedValue.objects.filter(profile_id=profile_id)
    return frozenset(kept.values_list("name", flat=True))


def kept_of_how_many(names: Iterable[str], *, former: QuerySet[Any]) -> dict[str, int]:
    """Return of how many profiles each of these is kept, in one query; none where not named.

    former: the numbers of profiles that were merged into others, which are not counted again.
    """
    kept = SealedValue.objects.filter(name__in=list(names)).order_by("name")
    kept = kept.exclude(profile_id__in=former)
    return dict(kept.values_list("name").annotate(Count("pk")))
