"""Update facts in PostgreSQL, and mirror them into Redis where decisions read them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.db import connection
from psycopg.types.json import Jsonb

from consent.keyspaces import Keyspace, patient_redis_connection
from personalization.profiles.facts import Facts, Happening, empty_facts, pack, remember
from personalization.profiles.models import Profile, ProfileIdentifier

FACTS: Final = Keyspace("facts", personal=True, purpose="The facts decisions read")
IDENTIFIERS: Final = Keyspace("ident", personal=True, purpose="Which profile an identifier names")
MIRROR_BATCH: Final = 500

WRITE: Final = """
    UPDATE profiles_profile SET facts = new.facts, updated_at = now()
    FROM unnest(%s::bigint[], %s::jsonb[]) AS new (id, facts)
    WHERE profiles_profile.id = new.id
"""


def remember_all(happenings: Sequence[tuple[int, Happening]]) -> None:
    """Add (profile id, happening) pairs, in their order, to the facts in PostgreSQL.

    Call it inside the transaction that stores the events.
    """
    changed = _locked_facts({profile_id for profile_id, _ in happenings})
    for profile_id, happening in happenings:
        remember(changed[profile_id], happening)
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [list(changed), [Jsonb(facts) for facts in changed.values()]])


def mirror(profile_ids: Iterable[int]) -> None:
    """Copy facts and identifiers of these profiles to Redis, as PostgreSQL has them now."""
    wanted = set(profile_ids)
    facts = Profile.objects.filter(pk__in=wanted).values_list("pk", "facts")
    identifiers = ProfileIdentifier.objects.filter(profile_id__in=wanted)
    pipeline = patient_redis_connection().pipeline(transaction=False)
    for profile_id, known in facts:
        pipeline.set(FACTS.key(profile_id), pack({**empty_facts(), **known}))
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


def _locked_facts(profile_ids: set[int]) -> Mapping[int, Facts]:
    # In the order of ids, so that two consumers never wait for each other.
    rows = Profile.objects.filter(pk__in=profile_ids).order_by("pk").select_for_update()
    return {pk: {**empty_facts(), **facts} for pk, facts in rows.values_list("pk", "facts")}
