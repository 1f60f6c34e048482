"""The personal traits of whoever agreed to personalization, as plain records."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from consent.checking import CHOICES, read_choices
from consent.keyspaces import patient_redis_connection
from consent.purposes import PERSONALIZATION
from personalization.linkage.names import COMPARED
from personalization.linkage.scoring import ID
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.vault.keeping import known

AT_ONCE: Final = 1_000


def records() -> Iterator[dict[str, Any]]:
    """Yield one record for each profile that may be compared and has anything to compare.

    {record_id: profile id, first_name: …}; what is not known is missing. Raises redis.RedisError.
    """
    for some in Profile.objects.id_batches(AT_ONCE):
        for profile_id, traits in sorted(personal_traits(consenting(some)).items()):
            if traits:
                yield {ID: profile_id, **traits}


def consenting(profile_ids: Collection[int]) -> set[int]:
    """Return those of whom nobody refused personalization, and somebody granted it."""
    pairs = ProfileIdentifier.objects.filter(profile_id__in=profile_ids)
    known_by: dict[int, list[str]] = {}
    for profile_id, pseudonym in pairs.values_list("profile_id", "pseudonym"):
        known_by.setdefault(profile_id, []).append(CHOICES.key(pseudonym))
    keys = [key for keys in known_by.values() for key in keys]
    if not keys:
        return set()
    held = dict(zip(keys, patient_redis_connection().mget(keys), strict=True))
    return {
        profile_id
        for profile_id, keys in known_by.items()
        if read_choices([held[key] for key in keys]).allows(PERSONALIZATION)
    }


def personal_traits(profile_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return what the vault keeps of each that can be compared, in the clear.

    Raises UnknownKey, Tampered. Whoever shows it to a person writes that down.
    """
    traits: dict[int, dict[str, Any]] = {profile_id: {} for profile_id in profile_ids}
    for one in known(profile_ids):
        if one.name in COMPARED:
            traits[one.profile_id][one.name] = one.value
    return traits
