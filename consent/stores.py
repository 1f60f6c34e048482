"""What consent asks of every room that keeps personal data, without importing any."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Person:
    """Everything a person is known by: all pseudonyms of all identifiers, all profile ids.

    Resolved once, before anything is erased, and kept with the request until it is fulfilled:
    a worker that is killed half-way must find the person again after the mapping is gone.
    """

    pseudonyms: frozenset[str]
    profile_ids: frozenset[int]

    def as_json(self) -> dict[str, list[Any]]:
        """Return a JSON-ready form, read back by `from_json`."""
        return {"pseudonyms": sorted(self.pseudonyms), "profile_ids": sorted(self.profile_ids)}

    @classmethod
    def from_json(cls, data: Mapping[str, list[Any]]) -> "Person":
        """Return the person that `as_json` wrote."""
        return cls(frozenset(data["pseudonyms"]), frozenset(data["profile_ids"]))


class PersonalDataStore(Protocol):
    """One place that keeps personal data, and how it gives and forgets it.

    `covers` names what the store answers for: model labels ("events.Event"), Redis prefixes
    ("redis:facts") and streams ("stream:events"). `exceptions` says what stays, and on what
    ground. Every method may be called again: erasing twice is harmless. Methods raise when the
    store cannot be reached; the request is then partial, never completed.
    """

    name: str
    covers: frozenset[str]
    exceptions: tuple[str, ...]

    def count(self, person: Person) -> int:
        """Return how many records of this person the store holds now."""
        ...

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield this person's records, JSON-ready."""
        ...

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Erase the person, and return remarks for the receipt (no personal data)."""
        ...


@cache
def personal_data_stores() -> tuple[PersonalDataStore, ...]:
    """Return the stores named in settings, in the order in which they are to be erased."""
    return tuple(import_string(path)() for path in settings.PERSONAL_DATA_STORES)


def resolve_person(pseudonyms: Iterable[str]) -> Person:
    """Return the whole person behind these pseudonyms, as settings.PERSON_RESOLVER knows them."""
    return cast(Person, import_string(settings.PERSON_RESOLVER)(frozenset(pseudonyms)))
