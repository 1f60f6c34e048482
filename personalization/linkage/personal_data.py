"""How this room gives and forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from consent.stores import Person
from personalization.linkage.models import Candidate


class CandidateStore:
    """Pairs of profiles that are probably one person."""

    name = "probable duplicates"
    covers = frozenset({"linkage.Candidate"})
    exceptions: tuple[str, ...] = ()

    def count(self, person: Person) -> int:
        """Return the number of pairs."""
        return _pairs(person).count()

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield each pair's likeness, without saying who the other is."""
        yield from _pairs(person).values("probability", "weight", "shares", "state", "found_at")

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete the pairs."""
        _pairs(person).delete()
        return {}


def _pairs(person: Person) -> QuerySet[Candidate]:
    ids = person.profile_ids
    return Candidate.objects.filter(Q(profile_id__in=ids) | Q(other_id__in=ids))
