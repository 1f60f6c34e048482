"""Find or make the profile of each event, and see when two profiles are one person.

A visitor is known by a browser (anonymous id), an account (user id) or both. The account wins:
a browser without an account joins the first account it signs in to, together with its history.
A browser that already belongs to one account never drags it into another: two people who share
a device stay two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from personalization.profiles.merging import merge
from personalization.profiles.models import Profile, ProfileIdentifier


@dataclass(frozen=True, slots=True)
class Identity:
    """The pseudonyms in one event; an empty text is an identifier that was not stated."""

    user: str
    anonymous: str
    further: tuple[tuple[str, str], ...] = ()  # (kind, pseudonym)


@dataclass(slots=True)
class Known:
    """What the database knows of a batch's pseudonyms, and what has been added since."""

    profile_of: dict[str, int]
    user_of: dict[int, str]
    added: list[ProfileIdentifier] = field(default_factory=list)
    made: list[Profile] = field(default_factory=list)

    def attach(self, kind: str, pseudonym: str, profile_id: int) -> None:
        """Let this pseudonym lead to this profile, if it led nowhere."""
        if not pseudonym or pseudonym in self.profile_of:
            return
        self.profile_of[pseudonym] = profile_id
        if kind == "user":
            self.user_of[profile_id] = pseudonym
        self.added.append(ProfileIdentifier(profile_id=profile_id, kind=kind, pseudonym=pseudonym))

    def redirect(self, absorbed: int, kept: int) -> None:
        """Let everything that led to the absorbed profile lead to the kept one."""
        for pseudonym, profile_id in self.profile_of.items():
            if profile_id == absorbed:
                self.profile_of[pseudonym] = kept


def identify(identities: Sequence[Identity]) -> dict[Identity, int]:
    """Return the profile id of each identity, making and merging profiles where needed.

    Call it inside a transaction. Raises IntegrityError when another consumer made the same
    profile meanwhile; the transaction is then to be tried again.
    """
    distinct = list(dict.fromkeys(identities))
    known = _known(distinct)
    fresh_ids = iter(_reserve_ids(distinct, known))
    for identity in distinct:
        _settle(identity, known, fresh_ids)
    _write(known)
    return {identity: _profile_of(identity, known) for identity in distinct}


def _settle(identity: Identity, known: Known, fresh_ids: Iterable[int]) -> None:
    by_user = known.profile_of.get(identity.user) if identity.user else None
    by_browser = known.profile_of.get(identity.anonymous) if identity.anonymous else None
    if identity.user and by_browser is not None and by_browser in known.user_of:
        # This browser belongs to an account: to this one, or to somebody else's.
        by_browser = by_user if known.user_of[by_browser] == identity.user else None
    if by_user is not None and by_browser is not None and by_user != by_browser:
        _write(known)
        merge(kept_id=by_user, absorbed_id=by_browser, reason="Signed in on this browser")
        known.redirect(by_browser, by_user)
    profile_id = by_user or by_browser or _make(known, fresh_ids)
    known.attach("user", identity.user, profile_id)
    known.attach("anonymous", identity.anonymous, profile_id)
    for kind, pseudonym in identity.further:
        known.attach(kind, pseudonym, profile_id)


def _profile_of(identity: Identity, known: Known) -> int:
    return known.profile_of[identity.user or identity.anonymous]


def _known(identities: Sequence[Identity]) -> Known:
    pseudonyms = {
        pseudonym
        for identity in identities
        for pseudonym in (identity.user, identity.anonymous, *dict(identity.further).values())
        if pseudonym
    }
    profile_of = dict(
        ProfileIdentifier.objects.filter(pseudonym__in=pseudonyms).values_list(
            "pseudonym", "profile_id"
        )
    )
    users = ProfileIdentifier.objects.filter(kind="user", profile_id__in=set(profile_of.values()))
    return Known(profile_of, dict(users.values_list("profile_id", "pseudonym")))


def _reserve_ids(identities: Sequence[Identity], known: Known) -> list[int]:
    unknown = sum(1 for i in identities if (i.user or i.anonymous) not in known.profile_of)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('profiles_profile', 'id'))"
            " FROM generate_series(1, %s)",
            [unknown],
        )
        return [row[0] for row in cursor.fetchall()]


def _make(known: Known, fresh_ids: Iterable[int]) -> int:
    profile = Profile(pk=next(iter(fresh_ids)), facts={})
    known.made.append(profile)
    return int(profile.pk)


def _write(known: Known) -> None:
    Profile.objects.bulk_create(known.made)
    ProfileIdentifier.objects.bulk_create(known.added)
    known.made.clear()
    known.added.clear()
