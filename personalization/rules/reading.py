"""The facts of a rule, read from what is known of one visitor."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from consent.checking import Choices
from personalization.profiles.facts import SECONDS_PER_DAY, Facts
from personalization.profiles.lifecycle import stage_of
from personalization.rules import reading_acts as acts
from personalization.rules.dates import date_at
from personalization.rules.folding import fold
from personalization.rules.geography import Point, is_on_earth
from personalization.rules.tree import Fact, Scalar

NOTHING: Final[Mapping[str, Any]] = {}
# What a fact can be: a value, a list that was stated, a place. None: missing.
Actual = Scalar | tuple[Scalar, ...] | Point | None
# What is compared: folded text, a number, a tuple that keeps True apart from 1, a set, a place.
Comparable = str | int | float | tuple[bool] | frozenset[Any] | Point | None


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a visitor at one moment; each fact is read once, however many ask.

    `profile_id` is None for someone who has no profile, or is not recognised; `choices` is None
    where nobody could tell them. `read` has what rules asked for before.
    """

    facts: Facts
    context: Mapping[str, Any]
    now: datetime
    profile_id: int | None = None
    choices: Choices | None = None
    read: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    today: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Tell the day once, in days since 1970, UTC."""
        object.__setattr__(self, "today", int(self.now.timestamp()) // SECONDS_PER_DAY)

    def earliest(self, days: int) -> str:
        """Return the first day of a window that ends today, as facts write days, and keep it."""
        earliest = self.read[days] = str(self.today - days + 1)
        return earliest

    def value(self, fact: Fact) -> Actual:
        """Return the fact's value; None where it is missing."""
        return READ[fact.kind](fact)(self)


Reader = Callable[[Known], Actual]
Amounts = Callable[[Known], Collection[float]]


def comparable(value: Actual) -> Comparable:
    """Return a value in the form that is compared; blank texts and empty lists are missing."""
    kind = type(value)
    # Numbers first: most facts are.
    if kind is int or kind is float or value is None:
        return value  # type: ignore[return-value] # mypy does not know what `kind` says
    return COMPARABLE[kind](value)


def _members(values: Any) -> frozenset[Any] | None:
    made = (comparable(one) for one in values if not isinstance(one, list | dict))
    return frozenset(one for one in made if one is not None) or None


COMPARABLE: Final[Mapping[type, Callable[[Any], Comparable]]] = {
    str: lambda text: fold(text) or None,
    bool: lambda value: (value,),
    list: _members,
    tuple: _members,
    Point: lambda point: point,
    # Nothing that a rule could compare.
    dict: lambda _: None,
}


def _window(whole: str, by_category: str, fact: Fact) -> Amounts:
    """Return what reads the day buckets of the fact's window."""
    key = whole if fact.category is None else by_category
    return _window_of(key, fact.name, fact.category, fact.days)


# Facts of one window share what reads it, and that reads it once per visitor.
@lru_cache(maxsize=100_000)
def _window_of(key: str, name: str, category: str | None, days: int | None) -> Amounts:
    def read(known: Known) -> Collection[float]:
        found: Collection[float] | None = known.read.get(read)
        if found is None:
            buckets = known.facts.get(key, NOTHING).get(name, NOTHING)
            if category is not None:
                buckets = buckets.get(category, NOTHING)
            if days is None:
                found = buckets.values()
            else:
                earliest = known.read.get(days) or known.earliest(days)
                # Days have five digits from 1997 to 2243: as texts they stand in one order.
                found = [amount for day, amount in buckets.items() if day >= earliest]
            known.read[read] = found
        return found

    return read


@lru_cache(maxsize=100_000)
def _money_of(sums: Amounts) -> Callable[[Known], float]:
    """Return what reads the sum of a window in whole cents, once per visitor."""

    def read(known: Known) -> float:
        found: float | None = known.read.get(read)
        if found is None:
            found = known.read[read] = round(sum(sums(known)), 2)
        return found

    return read


def _count(fact: Fact) -> Reader:
    counts = _window("counts", "categories", fact)
    return lambda known: sum(counts(known))


def _sum(fact: Fact) -> Reader:
    return _money_of(_window("sums", "category_sums", fact))


def _average(fact: Fact) -> Reader:
    counts = _window("counts", "categories", fact)
    sums = _window("sums", "category_sums", fact)
    money = _money_of(sums)

    def read(known: Known) -> Scalar | None:
        count = sum(counts(known))
        # Without a price on any event there is no average, rather than one of nothing.
        if not count or not sums(known):
            return None
        # Whole cents, rounded down: what Python and PostgreSQL divide alike.
        return round(money(known) * 100) // count / 100

    return read


def _extreme(key: str, choose: Callable[[Collection[float]], float]) -> Callable[[Fact], Reader]:
    def reader(fact: Fact) -> Reader:
        amounts = _window(key, key, fact)

        def read(known: Known) -> Scalar | None:
            found = [*amounts(known), *acts.order_sums(fact, known.facts, known.today)]
            return choose(found) if found else None

        return read

    return reader


def _days_since(fact: Fact) -> Reader:
    name = fact.name

    def read(known: Known) -> Scalar | None:
        last: float | None = known.facts.get("last", NOTHING).get(name)
        return None if last is None else known.today - int(last) // SECONDS_PER_DAY

    return read


def _moment(key: str) -> Callable[[Fact], Reader]:
    def read(fact: Fact, known: Known) -> Scalar | None:
        seconds = known.facts.get(key, NOTHING).get(fact.name)
        return None if seconds is None else date_at(seconds)

    return _of(read)


def _stated(key: str) -> Callable[[Fact], Reader]:
    def reader(fact: Fact) -> Reader:
        name = fact.name
        return lambda known: known.facts.get(key, NOTHING).get(name)

    return reader


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


def _consent(fact: Fact, known: Known) -> Scalar | None:
    return None if known.choices is None else known.choices.allows(fact.name)


def _location(_: Fact, known: Known) -> Point | None:
    """Return where the visit is; where it does not say, what was stated of the visitor."""
    for told in (known.context, known.facts.get("traits", NOTHING)):
        latitude: Any = told.get("latitude")
        longitude: Any = told.get("longitude")
        if is_on_earth(latitude, longitude):
            return Point(float(latitude), float(longitude))
    return None


def _of(read: Callable[[Fact, Known], Actual]) -> Callable[[Fact], Reader]:
    return lambda fact: lambda known: read(fact, known)


# What reads a fact of a kind from what is known. Of each fact it is made once, and kept.
READ: Final[dict[str, Callable[[Fact], Reader]]] = {
    "count": _count,
    "sum": _sum,
    "average": _average,
    "minimum": _extreme("lowest", min),
    "maximum": _extreme("highest", max),
    "days_since": _days_since,
    "first": _moment("first"),
    "last": _moment("last"),
    "distinct": _of(lambda fact, known: acts.distinct(fact, known.facts, known.today)),
    "sequence": _of(lambda fact, known: acts.sequence(fact, known.facts, known.now)),
    "session": _of(lambda fact, known: acts.session(fact, known.facts, known.now)),
    "in_session": _of(lambda fact, known: acts.in_session(fact, known.facts, known.now)),
    "lifecycle": _of(lambda _, known: stage_of(known.facts, known.now)),
    "score": _stated("scores"),
    "persona": _of(lambda _, known: known.facts.get("persona")),
    "consent": _of(_consent),
    "location": _of(_location),
    "trait": _stated("traits"),
    "context": _of(_context),
    "percentage": _of(_percentage),
    "list": _of(_list),
}
