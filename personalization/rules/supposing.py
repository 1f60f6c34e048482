"""Every value of one fact that could make a difference to some conditions, to try them all.

Between two numbers that conditions name, all numbers are alike to them; so is every text that
none of them names. Trying one of each kind therefore tells whether conditions on one fact can
hold together, and whether they always do. It is the rule itself that is tried, as it is compiled.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations, pairwise
from typing import Any, Final

from personalization.profiles.facts import SECONDS_PER_DAY, empty_facts
from personalization.profiles.lifecycle import LAPSED_DAYS, QUIET_DAYS, YOUNG_DAYS
from personalization.rules.compiling import Known, compile_rule
from personalization.rules.parsing import (
    CONTEXT_NUMBERS,
    CONTEXT_TEXTS,
    NUMERIC,
    PRESENCE,
    Condition,
    Fact,
    Group,
    Scalar,
)
from personalization.rules.vocabulary import TEXTS_ONLY

# Operators whose every case the values below cover; about others nothing is said.
COVERED: Final = frozenset(
    (*NUMERIC, *PRESENCE, "in", "not_in", "contains", "begins"),
)
PARTS: Final = ("contains", "begins")
# More parts of texts would mean too many texts to try.
MOST_PARTS: Final = 5
MOST_VALUES: Final = 2_000
UNLIKE: Final = "~none of these~"
CENT: Final = 0.01
NOW: Final = datetime(2000, 1, 1, 12, tzinfo=UTC)
TODAY: Final = str(int(NOW.timestamp()) // SECONDS_PER_DAY)

Member = Condition | Group


def facts_of(member: Member) -> set[Fact]:
    """Return what a condition or a group reads."""
    return {condition.fact for condition in conditions_of(member)}


def conditions_of(member: Member) -> Iterator[Condition]:
    """Yield the condition itself, or those of the group."""
    if isinstance(member, Group):
        yield from member.conditions()
    else:
        yield member


def outcomes(members: Sequence[Member]) -> set[bool] | None:
    """Return whether all members hold, for every value of the one fact that they read.

    {False}: never; {True}: always. None where that cannot be known.
    """
    conditions = [one for member in members for one in conditions_of(member)]
    fact = conditions[0].fact
    if fact.kind not in SUPPOSE or any(one.operator not in COVERED for one in conditions):
        return None
    values = _values(fact, conditions)
    if values is None:
        return None
    holds = compile_rule(Group("all", tuple(members))).matches
    return {holds(SUPPOSE[fact.kind](fact, value)) for value in values}


def _values(fact: Fact, conditions: Sequence[Condition]) -> list[Any] | None:
    named = [value for one in conditions for value in _listed(one)]
    parts = [str(value) for one in conditions if one.operator in PARTS for value in _listed(one)]
    if len(named) > MOST_VALUES or len(parts) > MOST_PARTS:
        return None
    numbers = sorted({one for one in named if not isinstance(one, str | bool)})
    texts = [one for one in named if isinstance(one, str)]
    return VALUES[fact.kind](fact, numbers, [*texts, *_texts_with(parts)])


def _listed(condition: Condition) -> tuple[Scalar, ...]:
    value = condition.value
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _texts_with(parts: Sequence[str]) -> Iterator[str]:
    for length in range(1, len(parts) + 1):
        for some in combinations(parts, length):
            for first in some:
                joined = " ".join([first, *(part for part in some if part != first)])
                yield from (joined, f"{joined} {UNLIKE}", f"{UNLIKE} {joined}")


def _whole(_: Fact, numbers: Iterable[float], __: Any) -> list[Any]:
    near = {math.floor(one) + step for one in numbers for step in (-1, 0, 1, 2)}
    return sorted(one for one in {0, *near} if one >= 0)


def _whole_or_missing(fact: Fact, numbers: Iterable[float], _: Any) -> list[Any]:
    return [None, *_whole(fact, numbers, ())]


def _money(_: Fact, numbers: Iterable[float], __: Any) -> list[Any]:
    near = {round(one + step, 2) for one in numbers for step in (-1, -CENT, 0, CENT, 1)}
    return sorted({0, *near})


def _anything(_: Fact, numbers: Sequence[float], texts: Sequence[str]) -> list[Any]:
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    outside = [numbers[0] - 1, numbers[-1] + 1] if numbers else [0]
    return [None, True, False, UNLIKE, *texts, *numbers, *between, *outside]


def _score(_: Fact, numbers: Sequence[float], __: Any) -> list[Any]:
    return [one for one in _anything(_, numbers, ()) if not isinstance(one, str | bool)]


def _named(fact: Fact, _: Any, texts: Sequence[str]) -> list[Any]:
    return [None, *(TEXTS_ONLY[fact.kind] or (UNLIKE, *texts))]


def _visit(fact: Fact, numbers: Sequence[float], texts: Sequence[str]) -> list[Any]:
    if fact.name in CONTEXT_NUMBERS:
        return [None, *CONTEXT_NUMBERS[fact.name]]
    if allowed := CONTEXT_TEXTS.get(fact.name):
        return [None, *allowed]
    return [None, UNLIKE, *texts]


VALUES: Final[Mapping[str, Callable[[Fact, Sequence[float], Sequence[str]], list[Any]]]] = {
    "count": _whole,
    "sum": _money,
    "days_since": _whole_or_missing,
    "score": _score,
    "persona": _named,
    "lifecycle": _named,
    "trait": _anything,
    "context": _visit,
}


def _with_count(fact: Fact, value: Any) -> Known:
    days = {fact.name: {TODAY: value}}
    categories = {fact.name: {fact.category: {TODAY: value}}}
    return Known({**empty_facts(), "counts": days, "categories": categories}, {}, NOW)


def _with_sum(fact: Fact, value: Any) -> Known:
    days = {fact.name: {TODAY: value}}
    categories = {fact.name: {fact.category: {TODAY: value}}}
    return Known({**empty_facts(), "sums": days, "category_sums": categories}, {}, NOW)


def _with_days_since(fact: Fact, value: Any) -> Known:
    seconds = None if value is None else int(NOW.timestamp()) - value * SECONDS_PER_DAY
    return Known({**empty_facts(), "last": {fact.name: seconds}}, {}, NOW)


def _with_trait(fact: Fact, value: Any) -> Known:
    return Known({**empty_facts(), "traits": {fact.name: value}}, {}, NOW)


def _with_context(fact: Fact, value: Any) -> Known:
    return Known(empty_facts(), {fact.name: value}, NOW)


def _with_stage(_: Fact, value: Any) -> Known:
    """Return someone in this stage, by when they came first and last."""
    if value is None:
        return Known(empty_facts(), {}, NOW)
    first, last = STAGED[value]
    seconds = int(NOW.timestamp())
    at = {
        name: {"purchase": seconds - days * SECONDS_PER_DAY}
        for name, days in (("first", first), ("last", last))
    }
    return Known(at, {}, NOW)


# Days since the first act and since the latest.
STAGED: Final[Mapping[str, tuple[int, int]]] = {
    "new": (YOUNG_DAYS, 0),
    "active": (YOUNG_DAYS + 1, QUIET_DAYS),
    "at_risk": (LAPSED_DAYS, QUIET_DAYS + 1),
    "lapsed": (LAPSED_DAYS + 1, LAPSED_DAYS + 1),
}


# Someone of whom this one fact has this value.
SUPPOSE: Final[Mapping[str, Callable[[Fact, Any], Known]]] = {
    "count": _with_count,
    "sum": _with_sum,
    "days_since": _with_days_since,
    "score": lambda fact, value: Known({"scores": {fact.name: value}}, {}, NOW),
    "persona": lambda _, value: Known({"persona": value}, {}, NOW),
    "lifecycle": _with_stage,
    "trait": _with_trait,
    "context": _with_context,
}
