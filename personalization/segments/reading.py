"""The facts of a rule, read from what is known of one visitor."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from personalization.profiles.facts import (
    SECONDS_PER_DAY,
    Facts,
    count_within,
    highest_within,
    lowest_within,
)
from personalization.segments.dates import date_at
from personalization.segments.folding import fold
from personalization.segments.tree import Fact, Scalar

# What is compared: folded text, a number, or a tuple that keeps True apart from 1. None: missing.
Comparable = str | int | float | tuple[bool] | None


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a visitor at one moment; each fact is read once, however many ask.

    `profile_id` is None for someone who has no profile, or is not recognised. `read` has the facts
    that a rule asked for before, in the form that is compared.
    """

    facts: Facts
    context: Mapping[str, Any]
    now: datetime
    profile_id: int | None = None
    read: dict[str, Comparable] = field(default_factory=dict, repr=False, compare=False)

    def value(self, fact: Fact) -> Scalar | None:
        """Return the fact's value; None where it is missing."""
        return READ[fact.kind](fact, self)

    def comparable(self, fact: Fact, key: str) -> Comparable:
        """Return the fact's value in the form that is compared; `key` is `key_of(fact)`."""
        try:
            return self.read[key]
        except KeyError:
            return self.read.setdefault(key, comparable(self.value(fact)))


def comparable(value: Scalar | None) -> Comparable:
    """Return a value in the form that is compared; blank text is missing."""
    if isinstance(value, str):
        return fold(value) or None
    return (value,) if isinstance(value, bool) else value


def key_of(fact: Fact) -> str:
    """Return what a fact is remembered under: a text, because it keeps its hash."""
    return repr(fact)


def _count(fact: Fact, known: Known) -> Scalar:
    return count_within(_counted(fact, known), window=fact.days, now=known.now)


def _sum(fact: Fact, known: Known) -> Scalar:
    if fact.category is None:
        days = known.facts.get("sums", {}).get(fact.name, {})
    else:
        days = known.facts.get("category_sums", {}).get(fact.name, {}).get(fact.category, {})
    return round(count_within(days, window=fact.days, now=known.now), 2)


def _average(fact: Fact, known: Known) -> Scalar | None:
    sums = known.facts.get("sums", {}).get(fact.name, {})
    count = count_within(_counted(fact, known), window=fact.days, now=known.now)
    # Without a price on any event there is no average, rather than one of nothing.
    if not count or lowest_within(sums, window=fact.days, now=known.now) is None:
        return None
    # Whole cents, rounded down: what Python and PostgreSQL divide alike.
    return round(float(_sum(fact, known)) * 100) // count / 100


def _extreme(key: str, choose: Callable[..., float | None]) -> Callable[[Fact, Known], Any]:
    def read(fact: Fact, known: Known) -> Scalar | None:
        days = known.facts.get(key, {}).get(fact.name, {})
        return choose(days, window=fact.days, now=known.now)

    return read


def _counted(fact: Fact, known: Known) -> Mapping[str, int]:
    if fact.category is None:
        found: Mapping[str, int] = known.facts.get("counts", {}).get(fact.name, {})
    else:
        found = known.facts.get("categories", {}).get(fact.name, {}).get(fact.category, {})
    return found


def _days_since(fact: Fact, known: Known) -> Scalar | None:
    last = known.facts.get("last", {}).get(fact.name)
    if last is None:
        return None
    today: int = int(known.now.timestamp()) // SECONDS_PER_DAY
    return today - int(last) // SECONDS_PER_DAY


def _moment(key: str) -> Callable[[Fact, Known], Scalar | None]:
    def read(fact: Fact, known: Known) -> Scalar | None:
        seconds = known.facts.get(key, {}).get(fact.name)
        return None if seconds is None else date_at(seconds)

    return read


def _trait(fact: Fact, known: Known) -> Scalar | None:
    value: Scalar | None = known.facts.get("traits", {}).get(fact.name)
    return value


def _context(fact: Fact, known: Known) -> Scalar | None:
    value: Scalar | None = known.context.get(fact.name)
    return value


def _list(fact: Fact, known: Known) -> Scalar | None:
    return True if fact.name in known.facts.get("lists", ()) else None


def _percentage(fact: Fact, known: Known) -> Scalar | None:
    if known.profile_id is None:
        return None
    text = f"{fact.name}:{known.profile_id}".encode()
    # MD5, because PostgreSQL has it; nothing secret hangs on it.
    digest = hashlib.md5(text, usedforsecurity=False).hexdigest()
    return int(digest[:7], 16) % 10_000 / 100


READ: Final[Mapping[str, Callable[[Fact, Known], Scalar | None]]] = {
    "count": _count,
    "sum": _sum,
    "average": _average,
    "minimum": _extreme("lowest", lowest_within),
    "maximum": _extreme("highest", highest_within),
    "days_since": _days_since,
    "first": _moment("first"),
    "last": _moment("last"),
    "trait": _trait,
    "context": _context,
    "percentage": _percentage,
    "list": _list,
}
