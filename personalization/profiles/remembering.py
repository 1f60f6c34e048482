"""Update facts in PostgreSQL, and mirror them into Redis where decisions read them."""

from collections.abc import Iterable, Sequence
from typing import Final

import orjson
from django.db import connection

from consent.keyspaces import Keyspace, patient_redis_connection
from personalization.profiles.facts import Facts, Happening, empty_facts, pack, remember
from personalization.profiles.models import Profile, ProfileIdentifier

FACTS: Final = Keyspace("facts", personal=True, purpose="The facts decisions read")
IDENTIFIERS: Final = Keyspace("ident", personal=True, purpose="Which profile an identifier names")
MIRROR_BATCH: Final = 500

READ: Final = "SELECT id, facts::text FROM profiles_profile WHERE id = ANY(%s) ORDER BY id"
# In the order of ids, so that two consumers never wait for each other.
READ_AND_LOCK: Final = f"{READ} FOR UPDATE"
WRITE: Final = """
    UPDATE profiles_profile SET facts = new.facts, updated_at = now()
    FROM jsonb_each(%s::jsonb) AS new (id, facts)
    WHERE profiles_profile.id = new.id::bigint
"""


def remember_all(happenings: Sequence[tuple[int, Happening]]) -> None:
    """Add (profile id, happening) pairs, in their order, to the facts in PostgreSQL.

    Call it inside the transaction that stores the events.
    """
    changed = _facts(READ_AND_LOCK, {profile_id for profile_id, _ in happenings})
    for profile_id, happening in happenings:
        remember(changed[profile_id], happening)
    if changed:
        with connection.cursor() as cursor:
            # One document: an array of them would be escaped twice, at three times the cost.
            document = {str(profile_id): facts for profile_id, facts in changed.items()}
            cursor.execute(WRITE, [orjson.dumps(document).decode()])


def mirror(profile_ids: Iterable[int]) -> None:
    """Copy facts and identifiers of these profiles to Redis, as PostgreSQL has them now."""
    wanted = set(profile_ids)
    identifiers = ProfileIdentifier.objects.filter(profile_id__in=wanted)
    pipeline = patient_redis_connection().pipeline(transaction=False)
    for profile_id, facts in _facts(READ, wanted).items():
        pipeline.set(FACTS.key(profile_id), pack(facts))
    for pseudonym, profile_id in identifiers.values_list("pseudonym", "profile_id"):
        pipeline.set(IDENTIFIERS.key(pseudonym), profile_id)
    pipeline.execute()


def mirror_everything() -> int:
    """Copy every profile to a Redis that has lost them; return how many there were."""
    ids: list[int] = []
    copied = 0
    for profile_id in Profile.objects.values_list("pk", flat=True).iterator(MIRROR_BATCH):
        ids.append(profile_id)
        if len(ids) == MIRROR_BATCH:
            mirror(ids)
            copied += len(ids)
            ids.clear()
    mirror(ids)
    return copied + len(ids)


def forget(profile_ids: Iterable[int]) -> None:
    """Remove the mirrored facts of profiles that are no more."""
    keys = [FACTS.key(profile_id) for profile_id in profile_ids]
    if keys:
        patient_redis_connection().delete(*keys)


def _facts(query: str, profile_ids: set[int]) -> dict[int, Facts]:
    # Past the model, so that orjson decodes: every batch reads all facts that it touches, twice.
    with connection.cursor() as cursor:
        cursor.execute(query, [list(profile_ids)])
        return {pk: {**empty_facts(), **orjson.loads(text)} for pk, text in cursor.fetchall()}
