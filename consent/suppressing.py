"""Keep erased people away, until they come back themselves.

A person erased under an e-mail address may be sent again by a CRM, under an id nobody knows. What
names an erased address is dropped, unless whoever it speaks for chose anew after the erasure; that
a source vouches for a choice made elsewhere is no choice of theirs.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from django.db.models import Max

from consent.checking import suppressed_since_many
from consent.models.proof import GRANTED, ConsentRecord
from consent.proving import MECHANISM_VOUCHED

# A device is not among them: who shares one with an erased person was not erased.
ADDRESSES: Final = frozenset({"crm", "email", "phone"})


@dataclass(frozen=True, slots=True)
class Named:
    """The pseudonyms in one event: of whom it speaks for, and addresses it names."""

    speaking: tuple[str, ...]
    further: tuple[str, ...]

    @classmethod
    def of(cls, speaking: Iterable[str], identifiers: Iterable[tuple[str, str]]) -> Self:
        """Return what counts of an event's pseudonyms; `identifiers` are (kind, pseudonym)."""
        further = (pseudonym for kind, pseudonym in identifiers if kind in ADDRESSES)
        return cls(tuple(one for one in speaking if one), tuple(further))

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        """All of them."""
        return self.speaking + self.further


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased when, and who agreed to something themselves when; in epoch seconds."""

    since: Mapping[str, float] = field(default_factory=dict)
    chosen: Mapping[str, float] = field(default_factory=dict)

    def keeps_away(self, named: Named, *, received: datetime) -> bool:
        """Whether an event waited while its person was erased, or names who has not come back."""
        if not self.since:
            return False
        arrived = received.timestamp()
        if any(arrived <= self.since[one] for one in named.pseudonyms if one in self.since):
            return True
        latest = max((self.chosen[one] for one in named.speaking if one in self.chosen), default=0)
        return any(latest <= self.since[one] for one in named.further if one in self.since)


def erased_among(people: Collection[Named]) -> Erased:
    """Return what must be known to keep the erased away. Raises redis.RedisError.

    One read of Redis; PostgreSQL is asked only where an erased address is named.
    """
    pseudonyms = sorted({pseudonym for one in people for pseudonym in one.pseudonyms})
    moments = suppressed_since_many(pseudonyms)
    since = {p: moment for p, moment in zip(pseudonyms, moments, strict=True) if moment is not None}
    naming = [one for one in people if any(pseudonym in since for pseudonym in one.further)]
    return Erased(since, _chosen_themselves({p for one in naming for p in one.speaking}))


def _chosen_themselves(pseudonyms: set[str]) -> dict[str, float]:
    """Return when each last agreed to something without a source vouching for it."""
    if not pseudonyms:
        return {}
    agreed = ConsentRecord.objects.filter(pseudonym__in=pseudonyms, state=GRANTED)
    latest = agreed.exclude(mechanism=MECHANISM_VOUCHED).order_by().values_list("pseudonym")
    return {
        pseudonym: moment.timestamp() for pseudonym, moment in latest.annotate(Max("recorded_at"))
    }
