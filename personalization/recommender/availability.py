"""Which items may be shown, as each process last asked the catalogue."""

import logging
import threading
import time
from typing import Final

from django.db import DatabaseError

from catalog.models import Item

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS: Final = 5.0


class _Held:
    """What this process knows; `item_ids` is None until the catalogue answered once."""

    item_ids: frozenset[str] | None = None
    looked_at: float = -SECONDS_BETWEEN_LOOKS


_lock = threading.Lock()


def available_items() -> frozenset[str] | None:
    """Return the items that may be shown, or None while that cannot be known; asks nobody."""
    return _Held.item_ids


def refresh_availability() -> None:
    """Ask the catalogue again when the answer is older than five seconds; one query.

    When the database does not answer, the last answer stays. One thread asks, others go on.
    """
    if time.monotonic() - _Held.looked_at < SECONDS_BETWEEN_LOOKS:
        return
    if not _lock.acquire(blocking=_Held.item_ids is None):
        return
    try:
        _look()
    finally:
        _lock.release()


def forget_availability() -> None:
    """Ask at the next opportunity, for example after an import."""
    _Held.item_ids = None
    _Held.looked_at = -SECONDS_BETWEEN_LOOKS


def _look() -> None:
    _Held.looked_at = time.monotonic()
    try:
        found = frozenset(Item.objects.filter(is_available=True).values_list("item_id", flat=True))
    except DatabaseError:
        logger.warning("The catalogue does not answer; the last availability stays.")
        return
    # An equal answer keeps the old object, for which masks are already made.
    if found != _Held.item_ids:
        _Held.item_ids = found
