"""Two profiles are found to be one person, or to be two after all: what is sealed goes along."""

from dataclasses import replace

from personalization.vault.keeping import Statement, keep, known
from personalization.vault.models import SealedValue, SubjectKey


def share(*, from_owner: int, to_owner: int) -> None:
    """Seal the values of one profile for another as well; the latest statement of a trait wins.

    What the first one has stays under its number and key, for the merge may be undone; an erasure
    finds it by the former number. Call it inside the transaction that merges the profiles. Raises
    UnknownKey, Tampered.
    """
    keep(replace(one, profile_id=to_owner) for one in known([from_owner]))


def take_back(*, from_owner: int, to_owner: int) -> None:
    """Remove from one profile what it only has since the other shared it; the other kept it.

    An older statement of its own that was replaced then does not come back. Raises UnknownKey,
    Tampered.
    """
    shared = {_said(one) for one in known([to_owner])}
    names = [one.name for one in known([from_owner]) if _said(one) in shared]
    SealedValue.objects.filter(profile_id=from_owner, name__in=names).delete()


def holders(owners: set[int]) -> set[int]:
    """Return which of these profiles have anything sealed."""
    sealed = SealedValue.objects.filter(profile_id__in=owners)
    return set(sealed.values_list("profile_id", flat=True))


def destroy(owners: list[int]) -> int:
    """Destroy the keys of these profiles, and what they sealed; return how many rows went."""
    keys, _ = SubjectKey.objects.filter(profile_id__in=owners).delete()
    values, _ = SealedValue.objects.filter(profile_id__in=owners).delete()
    return keys + values


def _said(one: Statement) -> tuple[str, str, object]:
    return one.name, repr(one.value), one.stated_at
