"""The data key of each person: made when first needed, wrapped by the current master key."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from os import urandom
from uuid import UUID, uuid4

from django.db.models import QuerySet

from personalization.vault.master_keys import master_keys
from personalization.vault.models import SubjectKey
from personalization.vault.sealing import KEY_BYTES, Place, UnknownKey, seal, unseal


@dataclass(frozen=True, slots=True)
class DataKey:
    """A person's key in the clear; it lives no longer than the call that needs it."""

    id: str
    secret: bytes = field(repr=False)

    def seal(self, plain: bytes, *, place: Place) -> bytes:
        """Return the value sealed under this key."""
        return seal(plain, key_id=self.id, key=self.secret, place=place)

    def unseal(self, sealed: bytes, *, place: Place) -> bytes:
        """Return the value; raises UnknownKey where another key sealed it, and Tampered."""
        return unseal(sealed, key_of=self._named, place=place)

    def _named(self, key_id: str) -> bytes:
        if key_id != self.id:
            raise UnknownKey(f"The key {key_id} was destroyed.")
        return self.secret


def data_keys(profile_ids: Collection[int]) -> dict[int, DataKey]:
    """Return the keys of those who have one; raises UnknownKey where its master key is missing."""
    return _unwrapped(SubjectKey.objects.filter(profile_id__in=list(profile_ids)))


def ensure_data_keys(profile_ids: Collection[int]) -> dict[int, DataKey]:
    """Return the key of each, made where there was none, and locked until the transaction ends."""
    # In the order of ids, so that two consumers never wait for each other.
    wanted = SubjectKey.objects.filter(profile_id__in=list(profile_ids)).order_by("profile_id")
    known = _unwrapped(wanted.select_for_update())
    missing = sorted(set(profile_ids) - known.keys())
    if not missing:
        return known
    made = [make_key(profile_id) for profile_id in missing]
    SubjectKey.objects.bulk_create(made, ignore_conflicts=True)
    # Read again: another consumer may have been first.
    return known | _unwrapped(wanted.filter(profile_id__in=missing).select_for_update())


def make_key(profile_id: int) -> SubjectKey:
    """Return a new key for this person, not saved yet."""
    row = SubjectKey(profile_id=profile_id, key_id=uuid4())
    wrap(row, urandom(KEY_BYTES))
    return row


def wrap(row: SubjectKey, secret: bytes) -> None:
    """Put the person's key under the current master key, in memory."""
    keys = master_keys()
    row.master = keys.current
    row.wrapped = seal(
        secret,
        key_id=row.master,
        key=keys.derived(row.master, "wrap"),
        place=_place(row.profile_id, row.key_id),
    )


def unwrap(row: SubjectKey) -> bytes:
    """Return the person's key; raises UnknownKey, Tampered."""
    return unseal(
        bytes(row.wrapped),
        key_of=lambda key_id: master_keys().derived(key_id, "wrap"),
        place=_place(row.profile_id, row.key_id),
    )


def _unwrapped(rows: QuerySet[SubjectKey] | Iterable[SubjectKey]) -> dict[int, DataKey]:
    return {row.profile_id: DataKey(str(row.key_id), unwrap(row)) for row in rows}


def _place(profile_id: int, key_id: UUID) -> Place:
    return (SubjectKey._meta.db_table, "wrapped", str(profile_id), str(key_id))
