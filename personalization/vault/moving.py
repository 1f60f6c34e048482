"""Two profiles are found to be one person: what is sealed goes along."""

from dataclasses import replace

from personalization.vault.keeping import keep, known
from personalization.vault.models import SealedValue, SubjectKey


def move(*, from_owner: int, to_owner: int) -> None:
    """Seal the values of one profile for another, and destroy the key they were under.

    The latest statement of each trait wins. Call it inside the transaction that merges the
    profiles. Raises UnknownKey, Tampered.
    """
    keep(replace(one, profile_id=to_owner) for one in known([from_owner]))
    destroy([from_owner])


def destroy(owners: list[int]) -> int:
    """Destroy the keys of these profiles, and what they sealed; return how many rows went."""
    keys, _ = SubjectKey.objects.filter(profile_id__in=owners).delete()
    values, _ = SealedValue.objects.filter(profile_id__in=owners).delete()
    return keys + values
