"""Columns whose values are sealed under the master key itself, since they are of no one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction
from django.db.models import Func, Value
from django.utils.module_loading import import_string

from personalization.vault.master_keys import master_keys
from personalization.vault.sealing import LONGEST_KEY_ID, Place, key_id_of, seal, unseal

BATCH: Final = 500
# Format, length and key id: what a sealed value begins with.
LONGEST_HEADER: Final = 2 + LONGEST_KEY_ID


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A binary column of a model; empty where there is nothing sealed.

    `purpose` derives its key; `named_by` is the column that tells rows apart and never changes.
    """

    model: type[models.Model]
    column: str
    purpose: str
    named_by: str = "pk"

    def put(self, row: models.Model, plain: bytes) -> None:
        """Seal the value into the row, in memory."""
        keys = master_keys()
        sealed = seal(
            plain,
            key_id=keys.current,
            key=keys.derived(keys.current, self.purpose),
            place=self._place(row),
        )
        setattr(row, self.column, sealed)

    def get(self, row: models.Model) -> bytes:
        """Return the value; raises UnknownKey, Tampered."""
        return unseal(
            bytes(getattr(row, self.column)),
            key_of=lambda key_id: master_keys().derived(key_id, self.purpose),
            place=self._place(row),
        )

    def reseal(self) -> int:
        """Seal anew what a former master key sealed; return how many values that were.

        Each batch is committed, so what was interrupted may be started again. Raises UnknownKey
        where a former key is no longer in VAULT_KEYS.
        """
        done, last = 0, None
        while True:
            last, resealed = self._reseal_batch(after=last)
            done += resealed
            if last is None:
                return done

    def in_use(self) -> Mapping[str, int]:
        """Return how many values each master key seals."""
        counts: dict[str, int] = {}
        start = Func(
            self.column,
            Value(1),
            Value(LONGEST_HEADER),
            function="substring",
            output_field=models.BinaryField(),
        )
        starts = self._filled().annotate(start=start).values_list("start", flat=True)
        for begun in starts.order_by().iterator():
            key_id = key_id_of(bytes(begun))
            counts[key_id] = counts.get(key_id, 0) + 1
        return counts

    @transaction.atomic
    def _reseal_batch(self, *, after: Any) -> tuple[Any, int]:
        rows = self._filled().order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        batch = list(rows.select_for_update()[:BATCH])
        stale = [row for row in batch if self._key_id(row) != master_keys().current]
        for row in stale:
            self.put(row, self.get(row))
        self.model._default_manager.bulk_update(stale, [self.column])
        return (batch[-1].pk if batch else None), len(stale)

    def _filled(self) -> models.QuerySet[Any]:
        return self.model._default_manager.exclude(**{self.column: b""})

    def _key_id(self, row: models.Model) -> str:
        return key_id_of(bytes(getattr(row, self.column)))

    def _place(self, row: models.Model) -> Place:
        return (self.model._meta.db_table, self.column, str(getattr(row, self.named_by)))


def sealed_columns() -> list[SealedColumn]:
    """Return those that settings list, of whatever room."""
    return [import_string(path) for path in settings.SEALED_COLUMNS]
