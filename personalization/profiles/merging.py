"""Make profiles one: identifiers, events, facts and consent of several pairs in one go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from consent.joining import share_refusals
from personalization.identifiers.kinds import LAST, Kinds
from personalization.profiles.facts import Facts, empty_facts, merge_facts
from personalization.profiles.models import Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.remembering import forget
from personalization.profiles.stating import Stated, believed

MECHANISM: Final = "profile merge"
# What leads to a profile, and goes with it.
MOVES: Final = tuple(
    f"""
    UPDATE {table} AS moved SET {column} = into_.kept
    FROM unnest(%s::bigint[], %s::bigint[]) AS into_ (absorbed, kept)
    WHERE moved.{column} = into_.absorbed
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
    event_id: UUID


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


@dataclass(slots=True)
class _Side:
    """A profile while merges pile up on it."""

    profile: Profile
    facts: Facts
    provenance: dict[str, Any]
    identifiers: list[ProfileIdentifier] = field(default_factory=list)

    def stated(self, kinds: Kinds) -> Stated:
        """Return what was stated, and how well its best identifier names the person."""
        rank = min((kinds.rank(one.kind) for one in self.identifiers), default=LAST)
        return Stated(rank, self.facts["traits"], self.provenance)


def merge_all(merges: Sequence[Merge], *, kinds: Kinds) -> None:
    """Merge each pair, in order; what is kept of one may be absorbed by the next.

    Counters add up, of traits the better stated stay, a refusal of one side counts for both, and
    events, identifiers and earlier merges move. Call it inside a transaction.
    """
    if not merges:
        return
    sides = _sides({pid for one in merges for pid in (one.kept_id, one.absorbed_id)})
    records = [_fold(one, sides, kinds) for one in merges]
    _share_refusals(merges, sides)
    ends = _ends(merges)
    _move(ends)
    for record in records:
        record.kept_id = ends.get(record.into_id, record.into_id)
    ProfileMerge.objects.bulk_create(records)
    _write(sides[pid] for pid in sorted(set(ends.values())))
    Profile.objects.filter(pk__in=ends).delete()
    transaction.on_commit(partial(forget, list(ends)))


def _sides(profile_ids: set[int]) -> dict[int, _Side]:
    profiles = Profile.objects.select_for_update().order_by("pk").filter(pk__in=profile_ids)
    sides = {
        one.pk: _Side(one, {**empty_facts(), **one.facts}, dict(getattr(one, "provenance", {})))
        for one in profiles
    }
    for identifier in ProfileIdentifier.objects.filter(profile_id__in=profile_ids).order_by("pk"):
        sides[identifier.profile_id].identifiers.append(identifier)
    return sides


def _fold(merge: Merge, sides: Mapping[int, _Side], kinds: Kinds) -> ProfileMerge:
    """Fold one side into the other in memory, and return the record of it."""
    kept, absorbed = sides[merge.kept_id], sides[merge.absorbed_id]
    before = kept.stated(kinds), absorbed.stated(kinds)
    joined = believed(*before)
    record = ProfileMerge(
        into_id=merge.kept_id,
        absorbed_id=merge.absorbed_id,
        means=merge.means,
        reason=merge.reason,
        by=merge.by,
        evidence_kept=merge.evidence_kept,
        evidence_absorbed=merge.evidence_absorbed,
        event_type=merge.cause.event_type if merge.cause else "",
        event_id=merge.cause.event_id if merge.cause else None,
        identifier_ids=[one.pk for one in absorbed.identifiers],
        traits={
            name: side.as_json()
            for name, side in zip(("kept", "absorbed", "joined"), (*before, joined), strict=True)
        },
    )
    kept.facts = merge_facts(kept.facts, absorbed.facts) | {"traits": dict(joined.traits)}
    kept.provenance = dict(joined.provenance)
    kept.identifiers += absorbed.identifiers
    return record


def _share_refusals(merges: Sequence[Merge], sides: Mapping[int, _Side]) -> None:
    people = [
        [one.pseudonym for one in sides[merge.kept_id].identifiers]
        for merge in merges
    ]
    share_refusals(people, mechanism=MECHANISM, now=timezone.now())


def _ends(merges: Sequence[Merge]) -> dict[int, int]:
    """Return where each absorbed profile ends, chains followed."""
    ends: dict[int, int] = {}
    for one in reversed(merges):
        ends[one.absorbed_id] = ends.get(one.kept_id, one.kept_id)
    return ends


def _move(ends: Mapping[int, int]) -> None:
    with connection.cursor() as cursor:
        for statement in MOVES:
            cursor.execute(statement, [list(ends), list(ends.values())])


def _write(kept: Iterable[_Side]) -> None:
    for side in kept:
        side.profile.facts = side.facts
    ...
