"""Fold facts anew from the event table: the same facts, to the last bit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from django.db import connection, transaction
from django.utils import timezone

from personalization.events.accepted import PRICED
from personalization.events.converting import Rates, all_rates
from personalization.events.counting import AS_ACT, IN_CATEGORY, MONEY_TOLD, REPEATED, order_digest
from personalization.identifiers.kinds import current_kinds
from personalization.profiles.facts import DERIVED, Facts, empty_facts
from personalization.profiles.folding import Happening, note_session, remember
from personalization.profiles.models import Profile
from personalization.profiles.provenance import Terms, drop_expired, terms_of
from personalization.profiles.remembering import lock_facts, mirror_facts, write_facts

PROFILES_AT_ONCE: Final = 200
EVENTS: Final = """
    SELECT event.profile_id, type, occurred_at, item_id, category, value, counted,
        COALESCE(properties->>'order_id', ''), COALESCE(properties->>'currency', ''), traits,
        source, CASE WHEN source = 'enrichment' THEN context END, named.kind
    FROM events_event AS event
    LEFT JOIN profiles_profileidentifier AS named ON named.id = event.identifier_id
    WHERE event.profile_id = ANY(%s) AND 'personalization' = ANY(purposes)
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found: how many profiles were compared, which differed, which were left."""

    compared: int
    differing: tuple[int, ...]
    left: int


def happening_of(
    *,
    type: str,
    at: datetime,
    item_id: str,
    category: str,
    value: float | Decimal | None,
    counted: int,
    order_id: str,
    currency: str,
    rates: Rates,
    traits: dict[str, Any],
    source: str,
    rank: int,
    terms: Terms | None,
) -> Happening:
    """Return the part of a stored event that facts remember; of money what can be converted."""
    money = None if value is None else rates.convert(float(value), currency=currency, at=at)
    return Happening(
        type=type,
        at=at,
        item_id=item_id,
        category=category,
        value=money,
        traits=traits,
        source=source,
        rank=rank,
        terms=terms,
        is_counted=bool(counted & AS_ACT),
        is_counted_in_category=bool(counted & IN_CATEGORY),
        is_money_counted=not counted & MONEY_TOLD,
        is_repeated=bool(counted & REPEATED),
        order=order_digest(order_id) if type in PRICED else "",
    )


def fold_events(profile_ids: Collection[int]) -> dict[int, Facts]:
    """Return the facts that the stored events of these profiles make; scores are left out."""
    kinds, rates = current_kinds(), all_rates()
    facts_of = {profile_id: empty_facts() for profile_id in profile_ids}
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [list(profile_ids)])
        for profile_id, kind, at, item_id, category, value, counted, *stated in cursor:
            order_id, currency, traits, source, told, named = stated
            happening = happening_of(
                type=kind,
                at=at,
                item_id=item_id,
                category=category,
                value=value,
                counted=counted,
                order_id=order_id,
                currency=currency,
                rates=rates,
                traits=_decoded(traits),
                source=source,
                rank=kinds.rank(named),
                terms=terms_of(source, _decoded(told)) if told else None,
            )
            remember(facts_of[profile_id], happening)
    for facts in facts_of.values():
        note_session(facts)
    return facts_of


def folded_anew(current: Mapping[int, Facts]) -> dict[int, Facts]:
    """Return what facts these profiles should have now; what no event made stays as it is."""
    now = timezone.now()
    folded = fold_events(current)
    for profile_id, facts in folded.items():
        facts.update({name: current[profile_id][name] for name in DERIVED})
        drop_expired(facts, now=now)
    return folded


def rebuild_facts(profile_ids: Collection[int], *, write: bool = True) -> list[int]:
    """Fold these profiles anew, write and mirror those that differ, and return which did.

    Scores and persona, which no event made, stay. Call it on a few hundred at once.
    """
    with transaction.atomic():
        current = lock_facts(profile_ids)
        folded = folded_anew(current)
        differing = {pk: facts for pk, facts in folded.items() if facts != current[pk]}
        if write:
            write_facts(differing)
            mirror_facts(differing)
    return list(differing)


def rebuild_everything(*, write: bool = True) -> Rebuilt:
    """Rebuild every profile whose acts were all kept.

    Someone who agreed to personalization but not to analytics has acts in the facts that were
    never stored, and somebody who acted long ago has such whose events were dropped; such profiles
    are left as they are, and counted.
    """
    whole = Profile.objects.filter(has_unkept_acts=False)
    differing: list[int] = []
    compared = 0
    for ids in whole.id_batches(PROFILES_AT_ONCE):
        differing += rebuild_facts(ids, write=write)
        compared += len(ids)
    left = Profile.objects.filter(has_unkept_acts=True).count()
    return Rebuilt(compared, tuple(differing), left)


def _decoded(traits: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = orjson.loads(traits)
    return decoded
