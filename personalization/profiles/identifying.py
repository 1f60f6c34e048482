"""Find or make the profile of each event, and see when two profiles are one person.

An event can name a visitor several times: by account, e-mail address, browser. The kinds' priority
says whom to believe (`personalization/identifiers`): the best identifier chooses the profile, and
each further one joins it, with the profile that it led to, unless the two together would have more
of a kind than one person may. So a browser without an account joins the account that signs in on
it, history and all, and a browser of somebody else's never makes two people one.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from django.utils import timezone

from consent.joining import share_choices
from personalization.identifiers.kinds import Kinds, current_kinds
from personalization.profiles.known import Known, LeftOut, known_of
from personalization.profiles.locking import share_profiles
from personalization.profiles.merging import Cause, Merge, Named, merge_all
from personalization.profiles.models import Profile, ProfileIdentifier, UnjoinedIdentifier

# How it came that a choice stands under an identifier at which nobody was asked.
JOINING: Final = "identifier joined"

# Asked about those whose browser or account leads elsewhere, each with the pseudonyms that do lead
# to its profile; answers of whom nothing may be kept.
LeaveOut = Callable[[Mapping["Identity", Sequence[str]]], Collection["Identity"]]


@dataclass(frozen=True, slots=True)
class Identity:
    """The pseudonyms in one event; an empty text is an identifier that was not stated."""

    user: str
    anonymous: str
    further: tuple[tuple[str, str], ...] = ()  # (kind, pseudonym)
    cause: Cause | None = field(default=None, compare=False)

    def named(self, kinds: Kinds) -> tuple[Named, ...]:
        """Return what names the visitor, the best first."""
        stated = (("user", self.user), ("anonymous", self.anonymous), *self.further)
        named = (Named(kind, pseudonym) for kind, pseudonym in stated if pseudonym)
        return tuple(sorted(named, key=lambda one: (kinds.rank(one.kind), one)))


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an event is, and by which identifier: its id and priority.

    Undoing a merge sorts events by it; of two statements the better identified is believed.
    """

    profile_id: int
    identifier_id: int
    rank: int


def identify(
    identities: Sequence[Identity], *, leave_out: LeaveOut | None = None
) -> dict[Identity, Owner]:
    """Return whose each identity is, making and merging profiles where needed.

    Of those whom `leave_out` names nothing is written or returned. Call it inside a transaction.
    Raises IntegrityError when another consumer made the same profile meanwhile; the transaction is
    then to be tried again.
    """
    share_profiles()
    kinds = current_kinds()
    distinct = {identity: identity.named(kinds) for identity in dict.fromkeys(identities)}
    known = _settle_all(distinct, kinds)
    # Who is somebody else shows only once all are settled; without them all is settled anew.
    while leave_out and (parted := _parted(distinct, known)) and (gone := leave_out(parted)):
        distinct = {identity: named for identity, named in distinct.items() if identity not in gone}
        known = _settle_all(distinct, kinds)
    _write(known)
    return {identity: _owner(named[0], known) for identity, named in distinct.items()}


def _settle_all(distinct: Mapping[Identity, Sequence[Named]], kinds: Kinds) -> Known:
    known = known_of(list(distinct.values()), kinds)
    fresh_ids = iter(_reserve_ids(list(distinct.values()), known))
    for identity, named in distinct.items():
        _settle(named, known, fresh_ids, cause=identity.cause)
    return known


def _parted(
    distinct: Mapping[Identity, Sequence[Named]], known: Known
) -> dict[Identity, list[str]]:
    """Return the identities whose browser and account are not one person's."""
    parted: dict[Identity, list[str]] = {}
    for identity, named in distinct.items() if known.left_out else ():
        owner = known.profile_of[named[0].pseudonym]
        joined = [one.pseudonym for one in named if known.profile_of.get(one.pseudonym) == owner]
        if not {identity.user, identity.anonymous} - {""} <= set(joined):
            parted[identity] = joined
    return parted


def _settle(
    named: Sequence[Named], known: Known, fresh_ids: Iterator[int], *, cause: Cause | None
) -> None:
    target: int | None = None
    joined: list[Named] = []
    for one in named:
        found = known.profile_of.get(one.pseudonym)
        if target is None or found != target:
            obstacle = known.obstacle(one, beside=joined, target=target) if joined else ""
            if obstacle:
                known.left_out.append(LeftOut(one, named[0], obstacle))
                continue
            if target is not None and found is not None:
                known.merge(
                    _merge(target, found, named=one, beside=joined, known=known, cause=cause)
                )
            target = target or found
        joined.append(one)
    profile_id = target or _make(known, fresh_ids)
    # Who is new came with whoever led here.
    anchor = next((one for one in joined if one.pseudonym in known.profile_of), joined[0])
    for one in joined:
        known.attach(one, profile_id, beside=anchor)


def _merge(
    kept_id: int,
    absorbed_id: int,
    *,
    named: Named,
    beside: Sequence[Named],
    known: Known,
    cause: Cause | None,
) -> Merge:
    # What stands beside it and was not known before led to neither side.
    witnesses = tuple(one for one in beside if known.profile_of.get(one.pseudonym) == kept_id)
    return Merge(
        kept_id=kept_id,
        absorbed_id=absorbed_id,
        reason="Named together in one event",
        evidence_kept=witnesses,
        evidence_absorbed=(named,),
        cause=cause,
    )


def _owner(best: Named, known: Known) -> Owner:
    return Owner(
        profile_id=known.profile_of[best.pseudonym],
        identifier_id=known.rows[best.pseudonym].pk,
        rank=known.kinds.rank(best.kind),
    )


def _reserve_ids(named: Sequence[Sequence[Named]], known: Known) -> list[int]:
    unknown = sum(1 for some in named if some[0].pseudonym not in known.profile_of)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('profiles_profile', 'id'))"
            " FROM generate_series(1, %s)",
            [unknown],
        )
        return [row[0] for row in cursor.fetchall()]


def _make(known: Known, fresh_ids: Iterator[int]) -> int:
    profile = Profile(pk=next(fresh_ids), facts={})
    known.made.append(profile)
    return int(profile.pk)


def _write(known: Known) -> None:
    Profile.objects.bulk_create(known.made)
    _write_identifiers(known)
    merge_all(known.merges)
    _share_choices(known)
    UnjoinedIdentifier.objects.bulk_create(
        [
            UnjoinedIdentifier(
                profile_id=known.profile_of[one.best.pseudonym],
                reason=one.reason,
                **one.named._asdict(),
            )
            for one in known.left_out
        ],
        ignore_conflicts=True,
    )


def _share_choices(known: Known) -> None:
    """Let what was chosen on a browser hold for the account that is new on it, and vice versa."""
    joined = {known.profile_of[row.pseudonym] for row, beside in known.added if beside is not None}
    people = [set().union(*known.held[profile_id].values()) for profile_id in sorted(joined)]
    share_choices(people, mechanism=JOINING, now=timezone.now())


def _write_identifiers(known: Known) -> None:
    """Write the best ones first, so that the others can say beside which they were named."""
    ProfileIdentifier.objects.bulk_create([row for row, beside in known.added if beside is None])
    joining = [(row, beside) for row, beside in known.added if beside is not None]
    for row, beside in joining:
        row.beside_id = beside.pk
    ProfileIdentifier.objects.bulk_create([row for row, _ in joining])
