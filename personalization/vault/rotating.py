"""Put everybody's key under the current master key, while all of them stay readable."""

from typing import Final

from django.db import transaction
from django.db.models import Count

from personalization.vault.master_keys import master_keys
from personalization.vault.models import SubjectKey
from personalization.vault.subject_keys import unwrap, wrap

BATCH: Final = 500


def rotate() -> int:
    """Wrap anew what another master key wraps; return how many keys that were.

    Each batch is committed, so a rotation that was interrupted goes on where it stopped. Values
    stay as they are: they are under their person's key. Raises UnknownKey where the former master
    key is no longer in VAULT_KEYS.
    """
    done = 0
    while batch := _rotate_batch():
        done += batch
    return done


def in_use() -> dict[str, int]:
    """Return how many keys each master key wraps."""
    used = SubjectKey.objects.order_by("master").values_list("master").annotate(Count("pk"))
    return dict(used)


@transaction.atomic
def _rotate_batch() -> int:
    stale = SubjectKey.objects.exclude(master=master_keys().current).order_by("profile_id")
    rows = list(stale.select_for_update()[:BATCH])
    for row in rows:
        wrap(row, unwrap(row))
    SubjectKey.objects.bulk_update(rows, ["wrapped", "master"])
    return len(rows)
