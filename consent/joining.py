"""Let a refusal count for all identifiers of one person, once they are found to be one."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from consent.mirroring import mirror_or_leave_for_later
from consent.models import Consent, Suppression
from consent.models.proof import GRANTED
from consent.proving import Circumstances, append, lock, states_of


def share_refusals(
    people: Sequence[Collection[str]], *, mechanism: str, now: datetime
) -> dict[str, dict[str, bool]]:
    """Record what each person refused anywhere under all their pseudonyms; return what was new.

    The stricter of two choices stands; nothing is ever granted here, and who was erased is left
    alone. Call it inside a transaction; Redis is told after the commit.
    """
    pseudonyms = {pseudonym for person in people for pseudonym in person}
    states = states_of(pseudonyms)
    if not states:
        return {}
    lock(pseudonyms)
    states = states_of(pseudonyms)
    wanted = _wanted(people, states, Suppression.objects.among(pseudonyms))
    append(wanted=wanted, circumstances=Circumstances(mechanism), now=now)
    for pseudonym, refused in wanted.items():
        accounts = Consent.objects.filter(pseudonym=pseudonym, privilege__key__in=refused)
        accounts.filter(revoked=False).update(revoked=True, revoked_on=now)
    transaction.on_commit(partial(mirror_or_leave_for_later, sorted(wanted)))
    return wanted


def _wanted(
    people: Sequence[Collection[str]], states: dict[tuple[str, str], str], erased: set[str]
) -> dict[str, dict[str, bool]]:
    purposes: dict[str, dict[str, str]] = defaultdict(dict)
    for (pseudonym, purpose), state in states.items():
        if pseudonym not in erased:
            purposes[pseudonym][purpose] = state
    wanted: dict[str, dict[str, bool]] = {}
    for person in people:
        refused = {
            purpose
            for pseudonym in person
            for purpose, state in purposes[pseudonym].items()
            if state != GRANTED
        }
        for pseudonym in set(person) - erased:
            new = {p: False for p in refused if purposes[pseudonym].get(p, GRANTED) == GRANTED}
            if new:
                wanted[pseudonym] = new
    return wanted
