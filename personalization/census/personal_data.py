"""How this room forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from consent.stores import Person
from personalization.census.models import Change, ChoiceChange, Row


class CensusStore:
    """The typed copy of facts; it goes with the profile, and says nothing that is not there.

    The settings name it after the profiles, so that no change of theirs is noted again.
    """

    name = "census"
    covers = frozenset({"census.Row", "census.Change", "census.ChoiceChange"})
    exceptions: tuple[str, ...] = ()

    def count(self, person: Person) -> int:
        """Return rows and notes of a change."""
        return sum(held.count() for held in _held(person))

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield nothing: what is kept here is a copy of the profile's facts."""
        return ()

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete all."""
        for held in _held(person):
            held.delete()
        return {}


def _held(person: Person) -> "tuple[QuerySet[Any], ...]":
    return (
        Row.objects.filter(pk__in=person.profile_ids),
        Change.objects.filter(profile_id__in=person.profile_ids),
        ChoiceChange.objects.filter(pseudonym__in=person.pseudonyms),
    )
