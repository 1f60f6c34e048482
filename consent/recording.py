"""Record what a person chose: the proof first, then accounts, then Redis."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction

from consent.checking import CHOICES, Choices, read_choices
from consent.keyspaces import redis_connection
from consent.mirroring import mirror, mirror_or_leave_for_later
from consent.models import Consent, Notice, Privilege, Suppression
from consent.models.proof import GRANTED
from consent.proving import USER_AGENT_KEPT, Circumstances, append, lock, states_of, truncated_ip
from consent.purposes import NECESSARY
from consent.subjects import Identifier, Subject

SUBJECTS_AT_ONCE: Final = 200


def record_choices(
    *,
    subject: Subject,
    choices: Mapping[str, bool],
    mechanism: str,
    jurisdiction: str = "",
    notice_version: int | None = None,
    request_meta: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Record these choices under each identifier of the subject, and put them into force.

    `notice_version`: what was shown; None: the visitor was asked elsewhere. `request_meta`: a
    request's META, of which a truncated address and browser are kept. Call it outside a
    transaction: Redis is told as soon as the records are written.
    """
    circumstances = Circumstances(
        mechanism=mechanism,
        jurisdiction=jurisdiction,
        notice=_notice(notice_version),
        ip=truncated_ip(request_meta) if request_meta else "",
        user_agent=str((request_meta or {}).get("HTTP_USER_AGENT", ""))[:USER_AGENT_KEPT],
    )
    with transaction.atomic():
        lock(subject.pseudonyms)
        wanted = dict.fromkeys(subject.pseudonyms, choices)
        append(wanted=wanted, circumstances=circumstances, now=now)
        _update_accounts([(one, choices) for one in subject.identifiers], now=now)
    mirror_or_leave_for_later(subject.pseudonyms)


def _notice(version: int | None) -> Notice | None:
    return None if version is None else Notice.objects.filter(version=version).first()


def record_missing(
    *, subjects: Sequence[Subject], purposes: Collection[str], mechanism: str, now: datetime
) -> int:
    """Grant these purposes under each identifier that said nothing; return to how many subjects.

    For sources that vouch for consent obtained elsewhere. A refusal under any identifier of the
    subject wins; an agreement under another one, which may be somebody else's browser, does not
    stand for this one's. Whoever was erased stays so. Raises redis.RedisError.
    """
    granted = 0
    wanted = frozenset(purposes) - {NECESSARY}
    distinct = list(dict.fromkeys(subjects))
    for start in range(0, len(distinct), SUBJECTS_AT_ONCE):
        unknown = _unknown(distinct[start : start + SUBJECTS_AT_ONCE], wanted)
        if unknown:
            granted += _grant_missing(unknown, wanted, mechanism=mechanism, now=now)
    return granted


def _unknown(subjects: Sequence[Subject], purposes: Collection[str]) -> list[Subject]:
    """Leave out those of whom Redis knows enough; of the others PostgreSQL is asked."""
    pseudonyms = [pseudonym for subject in subjects for pseudonym in subject.pseudonyms]
    if not pseudonyms:
        return []
    held = dict(zip(pseudonyms, redis_connection().mget(map(CHOICES.key, pseudonyms)), strict=True))
    chosen = {pseudonym: read_choices([value]) for pseudonym, value in held.items()}
    return [
        subject
        for subject in subjects
        if _lacks(purposes, [chosen[pseudonym] for pseudonym in subject.pseudonyms])
    ]


def _lacks(purposes: Collection[str], chosen: Sequence[Choices]) -> bool:
    """Whether some of what no identifier refused is not agreed to under each of them."""
    grantable = set(purposes).difference(*(one.denied for one in chosen))
    return not all(grantable <= one.granted for one in chosen)


def _grant_missing(
    subjects: Sequence[Subject], purposes: Collection[str], *, mechanism: str, now: datetime
) -> int:
    pseudonyms = {pseudonym for subject in subjects for pseudonym in subject.pseudonyms}
    with transaction.atomic():
        lock(pseudonyms)
        stated = states_of(pseudonyms)
        suppressed = Suppression.objects.among(pseudonyms)
        filled = [
            missing
            for subject in subjects
            if suppressed.isdisjoint(subject.pseudonyms)
            and (missing := _missing(subject, purposes, stated))
        ]
        _append_missing(filled, mechanism=mechanism, now=now)
    mirror(pseudonyms)
    return len(filled)


def _missing(
    subject: Subject, purposes: Collection[str], stated: Mapping[tuple[str, str], str]
) -> dict[Identifier, set[str]]:
    """Return what each identifier said nothing of, where no other one of the subject refused."""
    refused = {
        purpose
        for purpose in purposes
        for pseudonym in subject.pseudonyms
        if stated.get((pseudonym, purpose), GRANTED) != GRANTED
    }
    missing = {
        one: {p for p in purposes if p not in refused and (one.pseudonym, p) not in stated}
        for one in subject.identifiers
    }
    return {one: said_nothing_of for one, said_nothing_of in missing.items() if said_nothing_of}


def _append_missing(
    filled: Iterable[Mapping[Identifier, Collection[str]]], *, mechanism: str, now: datetime
) -> None:
    by_identifier: dict[Identifier, dict[str, bool]] = {}
    for missing in filled:
        for identifier, purposes in missing.items():
            by_identifier.setdefault(identifier, {}).update(dict.fromkeys(purposes, True))
    append(
        wanted={identifier.pseudonym: choices for identifier, choices in by_identifier.items()},
        circumstances=Circumstances(mechanism),
        now=now,
    )
    _update_accounts(by_identifier.items(), now=now)


def _update_accounts(
    chosen: Iterable[tuple[Identifier, Mapping[str, bool]]], *, now: datetime
) -> None:
    """Bring the `Consent` rows of accounts in line; they show the records' current state."""
    by_name = {one.value: (one, choices) for one, choices in chosen if one.kind == "user"}
    name_in = f"{get_user_model().USERNAME_FIELD}__in"
    users = get_user_model().objects.filter(**{name_in: by_name})
    rows = [row for user in users for row in _rows(user, *by_name[user.get_username()], now)]
    # Not through `save`, which would record as proof what has just been recorded.
    Consent.objects.bulk_create([row for row in rows if row.pk is None])
    Consent.objects.bulk_update(
        [row for row in rows if row.pk], fields=["granted_on", "revoked_on", "revoked"]
    )


def _rows(
    user: Any, identifier: Identifier, choices: Mapping[str, bool], now: datetime
) -> Iterator[Consent]:
    asked = Privilege.objects.filter(key__in=choices)
    before = {row.privilege_id: row for row in Consent.objects.for_user(user)}
    for privilege in asked:
        row = before.get(privilege.pk)
        if row is None and not choices[privilege.key]:
            continue  # what was never granted has no row, as django-consent has it
        row = row or Consent(user=user, privilege=privilege, granted_on=now)
        if choices[privilege.key]:
            row.grant()
        else:
            row.revoke()
        row.pseudonym = identifier.pseudonym
        yield row
