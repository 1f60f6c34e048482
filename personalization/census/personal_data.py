"""How this room forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from consent.stores import Person
from personalization.census.models import Change, Row


class CensusStore:
    """The typed copy of facts; it goes with the profile, and says nothing that is not there.

    The settings name it after the profiles, so that no change of theirs is noted again.
    """

    name = "census"
    covers = frozenset({"census.Row", "census.Change"})
    exceptions: tuple[str, ...] = ()

    def count(self, person: Person) -> int:
        """Return rows and notes of a change."""
        rows = Row.objects.filter(pk__in=person.profile_ids)
        return rows.count() + Change.objects.filter(profile_id__in=person.profile_ids).count()

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield nothing: what is kept here is a copy of the profile's facts."""
        return ()

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete both."""
        Row.objects.filter(pk__in=person.profile_ids).delete()
        Change.objects.filter(profile_id__in=person.profile_ids).delete()
        return {}
