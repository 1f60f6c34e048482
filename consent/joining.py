"""Let a choice count for all identifiers of one person, once they are found to be one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from consent.mirroring import mirror_or_leave_for_later
from consent.models import Consent, Suppression
from consent.models.proof import GRANTED
from consent.proving import Circumstances, append, lock, states_of


def share_choices(
    people: Sequence[Collection[str]], *, mechanism: str, now: datetime
) -> dict[str, dict[str, bool]]:
    """Record what each person chose anywhere under all their pseudonyms; return what was new.

    The stricter of two choices stands: a refusal replaces an agreement, an agreement only fills
    where nothing was said. Who was erased is left alone, and says nothing for others. Call it
    inside a transaction; Redis is told after the commit.
    """
    pseudonyms = {pseudonym for person in people for pseudonym in person}
    states = states_of(pseudonyms)
    if not states:
        return {}
    lock(pseudonyms)
    states = states_of(pseudonyms)
    wanted = _wanted(people, states, Suppression.objects.among(pseudonyms))
    append(wanted=wanted, circumstances=Circumstances(mechanism), now=now)
    for pseudonym, choices in wanted.items():
        refused = [purpose for purpose, is_granted in choices.items() if not is_granted]
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
        together = _stricter([purposes[pseudonym] for pseudonym in person])
        for pseudonym in set(person) - erased:
            said = {purpose: state == GRANTED for purpose, state in purposes[pseudonym].items()}
            new = {p: yes for p, yes in together.items() if said.get(p) not in {yes, False}}
            if new:
                wanted[pseudonym] = new
    return wanted


def _stricter(stated: Iterable[Mapping[str, str]]) -> dict[str, bool]:
    """Return whether each purpose was agreed to wherever anything was said of it."""
    agreed: dict[str, bool] = {}
    for of_one in stated:
        for purpose, state in of_one.items():
            agreed[purpose] = agreed.get(purpose, True) and state == GRANTED
    return agreed
