"""How this room gives and forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from consent.stores import Person
from personalization.segments.models import ListMember


class ListStore:
    """Lists of people that were uploaded; that a profile is on one is among its facts."""

    name = "lists"
    covers = frozenset({"segments.ListMember"})
    exceptions: tuple[str, ...] = ()

    def count(self, person: Person) -> int:
        """Return on how many lists the person is."""
        return ListMember.objects.filter(pseudonym__in=person.pseudonyms).count()

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield each list with the name of its segment."""
        found = ListMember.objects.filter(pseudonym__in=person.pseudonyms)
        for one in found.select_related("member_list__segment"):
            listed = one.member_list
            yield {"list": listed.key, "segment": listed.segment.name, "since": listed.made_at}

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Take the person off every list."""
        ListMember.objects.filter(pseudonym__in=person.pseudonyms).delete()
        return {}
