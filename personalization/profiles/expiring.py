"""Forget traits of third parties whose time is over."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from personalization.profiles.provenance import drop_expired
from personalization.profiles.remembering import lock_facts, mirror_facts, write_facts

AT_ONCE: Final = 200
EXPIRED: Final = """
    SELECT id FROM profiles_profile
    WHERE jsonb_path_exists(
        facts -> 'provenance', '$.*[3] ? (@ <= $now)', jsonb_build_object('now', %s::bigint)
    )
    ORDER BY id
"""


def forget_expired(*, now: datetime) -> int:
    """Remove expired traits from facts, here and in Redis; return from how many profiles."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRED, [int(now.timestamp())])
        ids = [profile_id for (profile_id,) in cursor.fetchall()]
    for start in range(0, len(ids), AT_ONCE):
        _forget(ids[start : start + AT_ONCE], now=now)
    return len(ids)


@transaction.atomic
def _forget(profile_ids: list[int], *, now: datetime) -> None:
    facts_of = lock_facts(profile_ids)
    changed = {pk: facts for pk, facts in facts_of.items() if drop_expired(facts, now=now)}
    write_facts(changed)
    mirror_facts(changed)
