"""Consumers attribute events side by side; whoever moves profiles by hand waits for them.

Without it an event could be stored under a profile that is gone a moment later.
"""

from typing import Final

from django.db import connection

# Beside the lock space of shard leases; any constant of our own will do.
LOCK: Final = 7_302_000_001


def share_profiles() -> None:
    """Let nobody move profiles by hand until this transaction ends."""
    _take("pg_advisory_xact_lock_shared")


def hold_profiles() -> None:
    """Let nobody attribute events until this transaction ends."""
    _take("pg_advisory_xact_lock")


def _take(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LOCK])
