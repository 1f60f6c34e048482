"""The facts of a rule, read from what is known of one visitor."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
        return READ[fact.kind](fact, self)


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


def _amounts(fact: Fact, known: Known, whole: str, by_category: str) -> Collection[float]:
    """Return the day buckets of the fact's window."""
    facts, category, days = known.facts, fact.category, fact.days
    if category is None:
        buckets = facts.get(whole, NOTHING).get(fact.name, NOTHING)
    else:
        buckets = facts.get(by_category, NOTHING).get(fact.name, NOTHING).get(category, NOTHING)
    amounts: Collection[float]
    if days is None:
        amounts = buckets.values()
    else:
        earliest = known.read.get(days) or known.earliest(days)
        # Days have five digits from 1997 to 2243: their order as texts is that of numbers.
        amounts = [amount for day, amount in buckets.items() if day >= earliest]
    return amounts


def _count(fact: Fact, known: Known) -> Scalar:
    return sum(_amounts(fact, known, "counts", "categories"))


def _sum(fact: Fact, known: Known) -> Scalar:
    return round(sum(_amounts(fact, known, "sums", "category_sums")), 2)


def _average(fact: Fact, known: Known) -> Scalar | None:
    sums = _amounts(fact, known, "sums", "category_sums")
    count = sum(_amounts(fact, known, "counts", "categories"))
    # Without a price on any event there is no average, rather than one of nothing.
    if not count or not sums:
        return None
    # Whole cents, rounded down: what Python and PostgreSQL divide alike.
    return round(round(sum(sums), 2) * 100) // count / 100


def _extreme(choose: Callable[..., Scalar | None], key: str) -> Callable[[Fact, Known], Actual]:
    def read(fact: Fact, known: Known) -> Actual:
        alone = _amounts(fact, known, key, key)
        return choose([*alone, *acts.order_sums(fact, known.facts, known.today)], default=None)

    return read


def _days_since(fact: Fact, known: Known) -> Scalar | None:
    last: float | None = known.facts.get("last", {}).get(fact.name)
    return None if last is None else known.today - int(last) // SECONDS_PER_DAY


def _moment(key: str) -> Callable[[Fact, Known], Scalar | None]:
    def read(fact: Fact, known: Known) -> Scalar | None:
        seconds = known.facts.get(key, {}).get(fact.name)
        return None if seconds is None else date_at(seconds)

    return read


def _stated(key: str) -> Callable[[Fact, Known], Actual]:
    def read(fact: Fact, known: Known) -> Actual:
        value: Actual = known.facts.get(key, {}).get(fact.name)
        return value

    return read


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
    for told in (known.context, known.facts.get("traits", {})):
        latitude: Any = told.get("latitude")
        longitude: Any = told.get("longitude")
        if is_on_earth(latitude, longitude):
            return Point(float(latitude), float(longitude))
    return None


READ: Final[dict[str, Callable[[Fact, Known], Actual]]] = {
    "count": _count,
    "sum": _sum,
    "average": _average,
    "minimum": _extreme(min, "lowest"),
    "maximum": _extreme(max, "highest"),
    "days_since": _days_since,
    "first": _moment("first"),
    "last": _moment("last"),
    "distinct": lambda fact, known: acts.distinct(fact, known.facts, known.today),
    "sequence": lambda fact, known: acts.sequence(fact, known.facts, known.now),
    "session": lambda fact, known: acts.session(fact, known.facts, known.now),
    "in_session": lambda fact, known: acts.in_session(fact, known.facts, known.now),
    "lifecycle": lambda _, known: stage_of(known.facts, known.now),
    "score": _stated("scores"),
    "persona": lambda _, known: known.facts.get("persona"),
    "consent": _consent,
    "location": _location,
    "trait": _stated("traits"),
    "context": _context,
    "percentage": _percentage,
    "list": _list,
}
