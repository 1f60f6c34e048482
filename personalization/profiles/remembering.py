"""Update facts in PostgreSQL, and mirror them into Redis where decisions read them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import orjson
from django.db import connection

from consent.keyspaces import Keyspace, patient_redis_connection
from personalization.profiles.facts import Facts, empty_facts, pack
from personalization.profiles.models import Profile, ProfileIdentifier

FACTS: Final = Keyspace("facts", personal=True, purpose="The facts decisions read")
IDENTIFIERS: Final = Keyspace("ident", personal=True, purpose="Which profile an identifier names")
# A profile id with this before it is that of a profile that has an account.
OF_ACCOUNT: Final = "+"
ACCOUNT: Final = "user"
MIRROR_BATCH: Final = 500

READ: Final = "SELECT id, facts::text FROM profiles_profile WHERE id = ANY(%s) ORDER BY id"
# In the order of ids, so that two consumers never wait for each other.
READ_AND_LOCK: Final = f"{READ} FOR UPDATE"
CHANGED: Final = """
    CREATE TEMPORARY TABLE IF NOT EXISTS changed_facts (id bigint, facts jsonb)
    ON COMMIT DELETE ROWS
"""
COPY: Final = "COPY changed_facts (id, facts) FROM STDIN"
WRITE: Final = """
    UPDATE profiles_profile SET facts = changed.facts, updated_at = now()
    FROM changed_facts AS changed WHERE profiles_profile.id = changed.id
"""


def read_facts(profile_ids: Collection[int]) -> dict[int, Facts]:
    """Return the facts of these profiles as they are now."""
    return _facts(READ, profile_ids)


def lock_facts(profile_ids: Collection[int]) -> dict[int, Facts]:
    """Return the facts of these profiles; nobody else changes them until the transaction ends."""
    return _facts(READ_AND_LOCK, profile_ids)


def write_facts(changed: Mapping[int, Facts]) -> None:
    """Write facts that `lock_facts` returned, changed since."""
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(CHANGED)
        # A parameter would be escaped by Python, at three times the cost of all the rest.
        with connection.wrap_database_errors, cursor.copy(COPY) as copy:
            for profile_id, facts in changed.items():
                copy.write_row((profile_id, orjson.dumps(facts).decode()))
        cursor.execute(WRITE)
        cursor.execute("DELETE FROM changed_facts")


def mirror(profile_ids: Iterable[int]) -> None:
    """Copy facts and identifiers of these profiles to Redis, as PostgreSQL has them now."""
    wanted = set(profile_ids)
    mirror_facts(read_facts(wanted))
    mirror_identifiers(wanted)


def mirror_facts(facts_of: Mapping[int, Facts]) -> None:
    """Copy these facts to Redis."""
    if facts_of:
        packed = {FACTS.key(profile_id): pack(facts) for profile_id, facts in facts_of.items()}
        patient_redis_connection().mset(packed)


def mirror_identifiers(profile_ids: Collection[int]) -> None:
    """Let every identifier of these profiles lead to its profile in Redis.

    What belongs to an account says so, so that nobody else who signs in on its browser is taken
    for the same person.
    """
    identifiers = ProfileIdentifier.objects.filter(profile_id__in=profile_ids)
    rows = list(identifiers.values_list("pseudonym", "profile_id", "kind"))
    accounts = {profile_id for _, profile_id, kind in rows if kind == ACCOUNT}
    leads = {
        IDENTIFIERS.key(pseudonym): f"{OF_ACCOUNT if profile_id in accounts else ''}{profile_id}"
        for pseudonym, profile_id, kind in rows
    }
    if leads:
        patient_redis_connection().mset(leads)


def mirror_everything() -> int:
    """Copy every profile to a Redis that has lost them; return how many there were."""
    copied = 0
    for ids in Profile.objects.id_batches(MIRROR_BATCH):
        mirror(ids)
        copied += len(ids)
    return copied


def forget(profile_ids: Iterable[int]) -> None:
    """Remove the mirrored facts of profiles that are no more."""
    keys = [FACTS.key(profile_id) for profile_id in profile_ids]
    if keys:
        patient_redis_connection().delete(*keys)


def _facts(query: str, profile_ids: Collection[int]) -> dict[int, Facts]:
    # Past the model, so that orjson decodes: every batch reads all facts that it touches.
    with connection.cursor() as cursor:
        cursor.execute(query, [list(profile_ids)])
        return {pk: {**empty_facts(), **orjson.loads(text)} for pk, text in cursor.fetchall()}
