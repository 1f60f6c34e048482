"""Keep what visitors state of themselves, each under a key of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from django.db import connection

from personalization.vault.carrying import open_from_stream
from personalization.vault.models import SealedValue
from personalization.vault.sealing import Place
from personalization.vault.subject_keys import DataKey, data_keys, ensure_data_keys

# A statement that arrives late does not replace a newer one.
KEEP: Final = """
    INSERT INTO vault_sealedvalue AS held (profile_id, name, sealed, source, stated_at)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bytea[], %s::text[], %s::timestamptz[])
    ON CONFLICT (profile_id, name) DO UPDATE
    SET sealed = EXCLUDED.sealed, source = EXCLUDED.source, stated_at = EXCLUDED.stated_at
    WHERE held.stated_at <= EXCLUDED.stated_at
"""


@dataclass(frozen=True, slots=True)
class Carried:
    """What one event brought along, sealed for its message."""

    profile_id: int
    message_id: str
    sealed: bytes
    source: str
    stated_at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """One personal trait of one profile; a value of None says that it is known no more."""

    profile_id: int
    name: str
    value: Any
    source: str
    stated_at: datetime


def keep_all(carried: Sequence[Carried]) -> None:
    """Open what events brought along, and keep the latest statement of each trait.

    Three queries however many there are, and none where there is nothing. Call it inside the
    transaction that stores the events. Raises UnknownKey, Tampered.
    """
    keep(
        Statement(one.profile_id, name, value, one.source, one.stated_at)
        for one in carried
        for name, value in open_from_stream(one.sealed, message_id=one.message_id).items()
    )


def keep(statements: Iterable[Statement]) -> None:
    """Seal the statements under the keys of their profiles; the latest of each trait wins."""
    ordered = sorted(statements, key=lambda one: one.stated_at)
    latest = {(one.profile_id, one.name): one for one in ordered}
    if not latest:
        return
    keys = ensure_data_keys({profile_id for profile_id, _ in latest})
    rows = [_row(one, keys[one.profile_id]) for _, one in sorted(latest.items())]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [list(column) for column in zip(*rows, strict=True)])


def known(profile_ids: Iterable[int]) -> list[Statement]:
    """Return what is kept of these profiles, in the clear, by name.

    Raises UnknownKey, Tampered. Whoever shows it to a person writes that down: see `looking`.
    """
    values = list(SealedValue.objects.filter(profile_id__in=list(profile_ids)).order_by("name"))
    keys = data_keys({value.profile_id for value in values})
    opened = (_opened(value, keys) for value in values)
    return [one for one in opened if one.value is not None]


def place_of(profile_id: int, name: str) -> Place:
    """Return the place a value is bound to."""
    return (SealedValue._meta.db_table, "sealed", str(profile_id), name)


def _row(one: Statement, key: DataKey) -> tuple[Any, ...]:
    sealed = key.seal(orjson.dumps(one.value), place=place_of(one.profile_id, one.name))
    return one.profile_id, one.name, sealed, one.source, one.stated_at


def _opened(value: SealedValue, keys: dict[int, DataKey]) -> Statement:
    key = keys.get(value.profile_id, DESTROYED)
    plain = key.unseal(bytes(value.sealed), place=place_of(value.profile_id, value.name))
    return Statement(
        value.profile_id, value.name, orjson.loads(plain), value.source, value.stated_at
    )


# Has the name of no key, so that whatever is asked of it raises UnknownKey.
DESTROYED: Final = DataKey("", b"")
