"""How this room gives and forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from consent.keyspaces import patient_redis_connection
from consent.stores import Person
from personalization.profiles.models import (
    KeptApart,
    Profile,
    ProfileIdentifier,
    ProfileMerge,
    UnjoinedIdentifier,
)
from personalization.profiles.remembering import FACTS, IDENTIFIERS


class ProfileStore:
    """Profiles, their identifiers and merges, and their mirror in Redis."""

    name = "profiles"
    covers = frozenset(
        {
            "profiles.Profile",
            "profiles.ProfileIdentifier",
            "profiles.ProfileMerge",
            "profiles.KeptApart",
            "profiles.UnjoinedIdentifier",
            f"redis:{FACTS.prefix}",
            f"redis:{IDENTIFIERS.prefix}",
        }
    )
    exceptions: tuple[str, ...] = ()

    def count(self, person: Person) -> int:
        """Return rows in PostgreSQL plus keys in Redis."""
        keys = _keys(person)
        mirrored = patient_redis_connection().exists(*keys) if keys else 0
        identifiers = ProfileIdentifier.objects.filter(pseudonym__in=person.pseudonyms)
        profiles = Profile.objects.filter(pk__in=person.profile_ids)
        beyond = sum(rows.count() for rows in _beyond_profiles(person))
        return int(mirrored) + identifiers.count() + profiles.count() + beyond

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield each profile with its facts."""
        for profile in Profile.objects.filter(pk__in=person.profile_ids):
            yield {"profile": profile.pk, "since": profile.created_at, "facts": profile.facts}

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete the rows (identifiers and merges go with them), then the mirror."""
        for rows in _beyond_profiles(person):
            rows.delete()
        Profile.objects.filter(pk__in=person.profile_ids).delete()
        keys = _keys(person)
        if keys:
            patient_redis_connection().delete(*keys)
        return {}


def _beyond_profiles(person: Person) -> tuple[QuerySet[Any], ...]:
    """Return what names the person and belongs to somebody else's profile."""
    pseudonyms = person.pseudonyms
    return (
        ProfileMerge.objects.filter(absorbed_id__in=person.profile_ids),
        KeptApart.objects.filter(Q(pseudonym__in=pseudonyms) | Q(other__in=pseudonyms)),
        UnjoinedIdentifier.objects.filter(pseudonym__in=pseudonyms),
    )


def _keys(person: Person) -> list[str]:
    facts = [FACTS.key(profile_id) for profile_id in person.profile_ids]
    return facts + [IDENTIFIERS.key(pseudonym) for pseudonym in person.pseudonyms]
