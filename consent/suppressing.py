"""Keep erased people away, until they come back themselves.

A person erased under an e-mail address may be sent again by a CRM, under an id nobody knows. What
names an erased address is dropped, unless whoever it speaks for chose anew after the erasure; that
a source vouches for a choice made elsewhere is no choice of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max

from consent.checking import suppressed_since_many
from consent.models.proof import GRANTED, ConsentRecord
from consent.proving import MECHANISM_VOUCHED


@dataclass(frozen=True, slots=True)
class Named:
    """The pseudonyms in one event: of whom it speaks for, and others it names; when it came in."""

    speaking: tuple[str, ...]
    further: tuple[str, ...]
    received: float  # epoch seconds

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        """All of them."""
        return self.speaking + self.further


def kept_away_many(events: Sequence[Named]) -> list[bool]:
    """Return which of these events are of people who were erased. Raises redis.RedisError.

    One read of Redis; PostgreSQL is asked only where an erased address is named.
    """
    pseudonyms = sorted({pseudonym for event in events for pseudonym in event.pseudonyms})
    moments = suppressed_since_many(pseudonyms)
    erased = {p: since for p, since in zip(pseudonyms, moments, strict=True) if since is not None}
    if not erased:
        return [False] * len(events)
    chosen = _chosen_themselves(
        {p for event in events for p in event.speaking if _names(event, erased)}
    )
    return [_is_kept_away(event, erased, chosen) for event in events]


def _names(event: Named, erased: Mapping[str, float]) -> bool:
    return any(pseudonym in erased for pseudonym in event.further)


def _is_kept_away(event: Named, erased: Mapping[str, float], chosen: Mapping[str, float]) -> bool:
    """Whether it waited while the person was erased, or names somebody who has not come back."""
    if any(event.received <= erased[one] for one in event.pseudonyms if one in erased):
        return True
    latest = max((chosen[one] for one in event.speaking if one in chosen), default=0.0)
    return any(latest <= erased[one] for one in event.further if one in erased)


def _chosen_themselves(pseudonyms: set[str]) -> dict[str, float]:
    """Return when each last agreed to something without a source vouching for it."""
    if not pseudonyms:
        return {}
    agreed = ConsentRecord.objects.filter(pseudonym__in=pseudonyms, state=GRANTED)
    latest = agreed.exclude(mechanism=MECHANISM_VOUCHED).order_by().values_list("pseudonym")
    return {
        pseudonym: moment.timestamp() for pseudonym, moment in latest.annotate(Max("recorded_at"))
    }
