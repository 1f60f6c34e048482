"""How this room gives and forgets a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from consent.keyspaces import patient_redis_connection
from consent.stores import Person
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.profiles.remembering import FACTS, IDENTIFIERS


class ProfileStore:
    """Profiles, their identifiers and merges, and their mirror in Redis."""

    name = "profiles"
    covers = frozenset(
        {
            "profiles.Profile",
            "profiles.ProfileIdentifier",
            "profiles.ProfileMerge",
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
        return int(mirrored) + identifiers.count() + profiles.count()

    def export(self, person: Person) -> Iterable[Mapping[str, Any]]:
        """Yield each profile with its facts."""
        for profile in Profile.objects.filter(pk__in=person.profile_ids):
            yield {"profile": profile.pk, "since": profile.created_at, "facts": profile.facts}

    def erase(self, person: Person) -> Mapping[str, Any]:
        """Delete the rows (identifiers and merges go with them), then the mirror."""
        Profile.objects.filter(pk__in=person.profile_ids).delete()
        keys = _keys(person)
        if keys:
            patient_redis_connection().delete(*keys)
        return {}


def _keys(person: Person) -> list[str]:
    facts = [FACTS.key(profile_id) for profile_id in person.profile_ids]
    return facts + [IDENTIFIERS.key(pseudonym) for pseudonym in person.pseudonyms]
