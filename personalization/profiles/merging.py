"""Make profiles one: identifiers, events, facts and refusals of several pairs in one go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from consent.joining import share_choices
from personalization.profiles.folding import merge_facts
from personalization.profiles.models import Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.rebuilding import folded_anew
from personalization.profiles.recounting import Order, paid_by_both, recount_orders
from personalization.profiles.remembering import forget, lock_facts, write_facts
from personalization.vault.moving import holders, share

MECHANISM: Final = "profile merge"
# What leads to a profile, and goes with it.
MOVES: Final = tuple(
    f"""
    UPDATE {table} AS moved SET {column} = went.kept
    FROM unnest(%s::bigint[], %s::bigint[]) AS went (absorbed, kept)
    WHERE moved.{column} = went.absorbed
    """  # noqa: S608  # constants
    for table, column in (
        ("profiles_profileidentifier", "profile_id"),
        ("profiles_profilemerge", "kept_id"),
        ("events_event", "profile_id"),
    )
)


class Named(NamedTuple):
    """One identifier: its kind, and its digest."""

    kind: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that named both sides."""

    event_type: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Merge:
    """That two profiles are to be one, and on what grounds."""

    kept_id: int
    absorbed_id: int
    reason: str
    evidence_kept: tuple[Named, ...] = ()
    evidence_absorbed: tuple[Named, ...] = ()
    means: str = ProfileMerge.Means.EVENT
    by: str = ""
    cause: Cause | None = None

    def as_record(self, identifiers: Iterable[ProfileIdentifier]) -> ProfileMerge:
        """Return the record of it, with what goes back when it is undone."""
        return ProfileMerge(
            into_id=self.kept_id,
            absorbed_id=self.absorbed_id,
            means=self.means,
            reason=self.reason,
            by=self.by,
            evidence_kept=self.evidence_kept,
            evidence_absorbed=self.evidence_absorbed,
            event_type=self.cause.event_type if self.cause else "",
            event_id=self.cause.event_id if self.cause else None,
            identifier_ids=[identifier.pk for identifier in identifiers],
        )


def merge_all(merges: Sequence[Merge]) -> None:
    """Merge each pair, in order; what one merge keeps, the next may absorb.

    Facts add up but for the money of an order that both had, of two statements the better one
    stays, what one side chose counts for both, and identifiers, events and earlier merges move.
    Call it inside a transaction.
    """
    if not merges:
        return
    involved = {pid for one in merges for pid in (one.kept_id, one.absorbed_id)}
    facts_of = lock_facts(involved)
    known_by = _known_by(involved)
    records = []
    paid_twice: dict[int, set[Order]] = {}
    ends = _ends(merges)
    for one in merges:
        if shared := paid_by_both(facts_of[one.kept_id], facts_of[one.absorbed_id]):
            end = ends.get(one.kept_id, one.kept_id)
            paid_twice[end] = paid_twice.get(end, set()) | shared
        facts_of[one.kept_id] = merge_facts(facts_of[one.kept_id], facts_of[one.absorbed_id])
        records.append(one.as_record(known_by[one.absorbed_id]))
        known_by[one.kept_id] += known_by[one.absorbed_id]
    _note_unkept(ends)
    _share_sealed(merges, involved)
    # Before the identifiers move: with them the database moves on which lists a profile is.
    write_facts({profile_id: facts_of[profile_id] for profile_id in set(ends.values())})
    _move(ends)
    _pay_once(paid_twice)
    for record in records:
        record.kept_id = ends.get(record.into_id, record.into_id)
    ProfileMerge.objects.bulk_create(records)
    Profile.objects.filter(pk__in=ends).delete()
    people = [[one.pseudonym for one in known_by[pid]] for pid in sorted(set(ends.values()))]
    share_choices(people, mechanism=MECHANISM, now=timezone.now())
    transaction.on_commit(partial(forget, list(ends)))


def _known_by(profile_ids: set[int]) -> dict[int, list[ProfileIdentifier]]:
    known_by: dict[int, list[ProfileIdentifier]] = {pid: [] for pid in profile_ids}
    for identifier in ProfileIdentifier.objects.filter(profile_id__in=profile_ids).order_by("pk"):
        known_by[identifier.profile_id].append(identifier)
    return known_by


def _ends(merges: Sequence[Merge]) -> dict[int, int]:
    """Return where each absorbed profile ends, chains followed."""
    ends: dict[int, int] = {}
    for one in reversed(merges):
        ends[one.absorbed_id] = ends.get(one.kept_id, one.kept_id)
    return ends


def _share_sealed(merges: Sequence[Merge], involved: set[int]) -> None:
    sealed = holders(involved)
    for one in merges:
        if one.absorbed_id in sealed:
            share(from_owner=one.absorbed_id, to_owner=one.kept_id)
            sealed.add(one.kept_id)


def _note_unkept(ends: Mapping[int, int]) -> None:
    unkept = Profile.objects.filter(pk__in=ends, has_unkept_acts=True).values_list("pk", flat=True)
    heirs = {ends[profile_id] for profile_id in unkept}
    if heirs:
        Profile.objects.filter(pk__in=heirs).update(has_unkept_acts=True)


def _pay_once(paid_twice: Mapping[int, set[Order]]) -> None:
    """Take the money that both sides had of an order out again, once events have moved."""
    whole = Profile.objects.filter(pk__in=paid_twice, has_unkept_acts=False)
    orders_of = {pk: paid_twice[pk] for pk in whole.values_list("pk", flat=True)}
    if orders_of:
        recount_orders(orders_of)
        write_facts(folded_anew(lock_facts(orders_of)))


def _move(ends: Mapping[int, int]) -> None:
    with connection.cursor() as cursor:
        for statement in MOVES:
            cursor.execute(statement, [list(ends), list(ends.values())])
