"""Write down who entered and left: the membership and the news of it, in one transaction."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import connection

from personalization.activation.judging import Pair
from personalization.activation.models import Membership, Transition

ENTERED: Final = Transition.Kind.ENTERED
LEFT: Final = Transition.Kind.LEFT

# Only rows that really change come back, so that a replay tells nothing twice.
ENTER: Final = """
    INSERT INTO activation_membership (segment_key, profile_id, since)
    SELECT * FROM (SELECT unnest(%s::text[]), unnest(%s::bigint[]), %s::timestamptz) AS came
    ON CONFLICT (segment_key, profile_id) DO UPDATE SET since = EXCLUDED.since, left_at = NULL
    WHERE activation_membership.left_at IS NOT NULL
    RETURNING segment_key, profile_id
"""
LEAVE: Final = """
    UPDATE activation_membership AS held SET left_at = greatest(%s, held.since)
    FROM unnest(%s::text[], %s::bigint[]) AS gone (segment_key, profile_id)
    WHERE held.segment_key = gone.segment_key AND held.profile_id = gone.profile_id
    AND held.left_at IS NULL
    RETURNING held.segment_key, held.profile_id
"""


def members_of(keys: Collection[str], profile_ids: Collection[int]) -> set[Pair]:
    """Return who of these profiles is in which of these segments, as written down."""
    held = Membership.objects.filter(
        segment_key__in=keys, profile_id__in=profile_ids, left_at__isnull=True
    )
    return set(held.values_list("segment_key", "profile_id"))


def enter(pairs: Iterable[Pair], *, now: datetime) -> list[Pair]:
    """Write down memberships, and return those that were none before."""
    wanted = sorted(set(pairs), key=lambda pair: (pair[1], pair[0]))
    if not wanted:
        return []
    keys, ids = [key for key, _ in wanted], [profile_id for _, profile_id in wanted]
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [keys, ids, now])
        return list(cursor.fetchall())


def leave(pairs: Iterable[Pair], *, now: datetime) -> list[Pair]:
    """End memberships, and return those that had not ended before."""
    wanted = sorted(set(pairs), key=lambda pair: (pair[1], pair[0]))
    if not wanted:
        return []
    keys, ids = [key for key, _ in wanted], [profile_id for _, profile_id in wanted]
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, [now, keys, ids])
        return list(cursor.fetchall())


def move(
    *,
    entering: Iterable[Pair],
    leaving: Iterable[Pair],
    cause: str,
    version: int,
    now: datetime,
) -> int:
    """Write down who comes and goes, and the news of each; return how many really did.

    Call it in a transaction in which the profiles are locked.
    """
    moved = [(pair, LEFT) for pair in leave(leaving, now=now)]
    moved += [(pair, ENTERED) for pair in enter(entering, now=now)]
    Transition.objects.bulk_create(
        Transition(
            kind=kind,
            segment_key=key,
            profile_id=profile_id,
            cause=cause,
            ruleset_version=version,
            at=now,
        )
        for (key, profile_id), kind in moved
    )
    return len(moved)
