"""Merge two profiles that are one person's, or remember that they are not."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from personalization.identifiers.kinds import LAST, current_kinds
from personalization.linkage.models import Candidate
from personalization.profiles.locking import hold_profiles
from personalization.profiles.merging import Merge, merge_all
from personalization.profiles.models import Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.remembering import mirror


class CannotMerge(Exception):
    """The two cannot become one; the message says why."""


@transaction.atomic
def accept(candidate: Candidate, *, by: str, now: datetime) -> None:
    """Merge the two, as a person found. Raises CannotMerge."""
    _merge(candidate, means=ProfileMerge.Means.PERSON, by=by)
    _decide(candidate, Candidate.State.ACCEPTED, by=by, now=now)


@transaction.atomic
def accept_unasked(candidate: Candidate, *, now: datetime) -> None:
    """Merge the two, so alike that nobody is asked. Raises CannotMerge."""
    _merge(candidate, means=ProfileMerge.Means.LIKENESS, by="")
    _decide(candidate, Candidate.State.AUTOMATIC, by="", now=now)


def reject(candidate: Candidate, *, by: str, now: datetime) -> None:
    """Remember that these are two people."""
    _decide(candidate, Candidate.State.REJECTED, by=by, now=now)


def owners_now(profile_ids: Iterable[int]) -> dict[int, int]:
    """Return the profile that has each one's history now, absorbed ones followed."""
    owners = {profile_id: profile_id for profile_id in profile_ids}
    absorbed = ProfileMerge.objects.in_force().filter(absorbed_id__in=owners)
    return owners | dict(absorbed.values_list("absorbed_id", "kept_id"))


def _merge(candidate: Candidate, *, means: str, by: str) -> None:
    hold_profiles()
    ids = set(owners_now([candidate.profile_id, candidate.other_id]).values())
    if Profile.objects.filter(pk__in=ids).count() < len(ids):
        raise CannotMerge("One of the two is no more.")
    if len(ids) == 1:
        return
    kept_id, absorbed_id = _best_first(ids)
    reason = f"weight {candidate.weight:.1f} bits, probability {candidate.probability:.4f}"
    merge_all([Merge(kept_id, absorbed_id, reason=reason, means=means, by=by)])
    transaction.on_commit(lambda: mirror([kept_id]))


def _best_first(profile_ids: Iterable[int]) -> list[int]:
    """Return the two, that with the better identifier first; raises CannotMerge."""
    kinds = current_kinds()
    ranks = dict.fromkeys(profile_ids, LAST)
    accounts = 0
    named = ProfileIdentifier.objects.filter(profile_id__in=ranks)
    for profile_id, kind in named.values_list("profile_id", "kind"):
        ranks[profile_id] = min(ranks[profile_id], kinds.rank(kind))
        accounts += kind == "user"
    # Other limits keep strangers apart whom an event named together; here somebody has looked.
    if accounts > 1:
        raise CannotMerge("Both have an account of their own, and two accounts are two people.")
    return sorted(ranks, key=lambda profile_id: (ranks[profile_id], profile_id))


def _decide(candidate: Candidate, state: str, *, by: str, now: datetime) -> None:
    candidate.state, candidate.decided_by, candidate.decided_at = state, by, now
    candidate.save(update_fields=["state", "decided_by", "decided_at"])
