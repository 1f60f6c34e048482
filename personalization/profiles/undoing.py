"""Take two profiles apart again that were never one person."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import product

from django.db import transaction

from personalization.events.models import Event
from personalization.profiles.locking import hold_profiles
from personalization.profiles.models import KeptApart, Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.rebuilding import rebuild_facts
from personalization.profiles.recounting import recount_parted
from personalization.profiles.remembering import mirror
from personalization.vault.moving import take_back


class CannotUndo(Exception):
    """The merge cannot be undone; the message says why."""


@transaction.atomic
def undo_merge(merge_id: int, *, by: str, why: str, now: datetime) -> ProfileMerge:
    """Give both profiles back their identifiers, events and facts, and return the merge's record.

    What came since goes with the identifier it came by. The identifiers that led to the merge will
    not lead to it again. Refusals that the merge shared stay: only the person can grant again.
    Raises CannotUndo.
    """
    hold_profiles()
    merge = ProfileMerge.objects.select_for_update().get(pk=merge_id)
    identifiers = _identifiers_of(merge)
    _restore(merge, identifiers)
    _keep_apart(merge)
    merge.undone_at, merge.undone_by, merge.undone_why = now, by, why
    merge.save(update_fields=["undone_at", "undone_by", "undone_why"])
    both = [merge.kept_id, merge.absorbed_id]
    recount_parted(both)
    rebuild_facts(both)
    transaction.on_commit(partial(mirror, both))
    return merge


def _identifiers_of(merge: ProfileMerge) -> set[int]:
    """Return the ids of the identifiers that go back, those that joined them since included."""
    if merge.undone_at is not None:
        raise CannotUndo(f"It was undone on {merge.undone_at:%Y-%m-%d} by {merge.undone_by}.")
    held = {row.pk: row.beside_id for row in merge.kept.identifiers.order_by("pk")}
    going = set(merge.identifier_ids) & set(held)
    for pk, beside in held.items():
        if beside in going:
            going.add(pk)
    if not going:
        raise CannotUndo("None of the identifiers that would go back is left on this profile.")
    if len(going) == len(held):
        raise CannotUndo("Every identifier would go back: nothing would be left of this profile.")
    return going


def _restore(merge: ProfileMerge, identifiers: Iterable[int]) -> None:
    Profile.objects.create(
        pk=merge.absorbed_id, facts={}, has_unkept_acts=merge.kept.has_unkept_acts
    )
    ProfileIdentifier.objects.filter(pk__in=identifiers).update(profile_id=merge.absorbed_id)
    came_along = Event.objects.filter(profile_id=merge.kept_id, identifier_id__in=identifiers)
    came_along.update(profile_id=merge.absorbed_id)
    ProfileMerge.objects.filter(pk__in=_before(merge)).update(kept_id=merge.absorbed_id)
    for owner in {merge.kept_id, merge.into_id}:
        take_back(from_owner=owner, to_owner=merge.absorbed_id)


def _before(merge: ProfileMerge) -> list[int]:
    """Return the ids of the merges that the absorbed profile brought along."""
    profile_ids, found = {merge.absorbed_id}, []
    earlier = ProfileMerge.objects.filter(kept_id=merge.kept_id, pk__lt=merge.pk).order_by("-pk")
    for one in earlier:
        if one.into_id in profile_ids:
            profile_ids.add(one.absorbed_id)
            found.append(one.pk)
    return found


def _keep_apart(merge: ProfileMerge) -> None:
    pairs = product(merge.evidence_kept, merge.evidence_absorbed)
    KeptApart.objects.bulk_create(
        [
            KeptApart(pseudonym=low, other=high, because_of=merge)
            for low, high in (sorted((left[1], right[1])) for left, right in pairs)
        ],
        ignore_conflicts=True,
    )
