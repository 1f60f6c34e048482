"""What a visitor did in which order, how variedly, and in the visit going on."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from personalization.events.counting import AS_ACT, IN_CATEGORY
from personalization.profiles.facts import SECONDS_PER_DAY, Facts
from personalization.profiles.folding import counts_as
from personalization.profiles.visits import SESSION_SECONDS
from personalization.rules.tree import Fact

SECONDS_PER_MINUTE: Final = 60

# How the first step of a sequence and the second stand to each other.
FOLLOWED: Final = "followed"
# Once it was followed in time, but the latest was not, and its time is over.
FOLLOWED_BEFORE: Final = "followed before"
PENDING: Final = "time left"
NOT_FOLLOWED: Final = "not followed"

Act = list[Any]


def distinct(fact: Fact, facts: Facts, today: int) -> int:
    """Return how many items or categories the events of a window were about."""
    found: Mapping[str, Any] = facts.get(str(fact.of), {}).get(fact.name, {})
    if fact.days is None:
        return len(found)
    earliest = today - fact.days + 1
    if fact.of == "items":
        return sum(1 for day in found.values() if int(day) >= earliest)
    return sum(1 for days in found.values() if any(int(day) >= earliest for day in days))


def order_sums(fact: Fact, facts: Facts, today: int) -> Collection[float]:
    """Return what each order of the window came to; its last line says on which day it was."""
    lines: Mapping[str, float] = facts.get("orders", {}).get(fact.name, {})
    earliest = "" if fact.days is None else str(today - fact.days + 1)
    sums: dict[str, float] = {}
    lately = set()
    for key, amount in lines.items():
        day, _, order = key.partition(":")
        sums[order] = round(sums.get(order, 0) + amount, 2)
        if day >= earliest:
            lately.add(order)
    return [amount for order, amount in sums.items() if order in lately]


def sequence(fact: Fact, facts: Facts, now: datetime) -> str | None:
    """Return how the steps stand to each other among the latest acts; None: no first step.

    Whether the first step was followed is asked of each; whether it was not, of the latest.
    """
    seconds = int(now.timestamp())
    found = steps(fact, facts, seconds // SECONDS_PER_DAY)
    if found is None:
        return None
    was_followed, until = found
    if until is None:
        return FOLLOWED
    if until < seconds:
        return FOLLOWED_BEFORE if was_followed else NOT_FOLLOWED
    return FOLLOWED if was_followed else PENDING


def steps(fact: Fact, facts: Facts, today: int) -> tuple[bool, int | None] | None:
    """Return what holds of a sequence all day; None: no first step.

    That is whether any first step was followed, and until which second the latest can be, None
    where it was.
    """
    acts, limit = facts.get("recent", []), int(fact.minutes or 0) * SECONDS_PER_MINUTE
    firsts = [n for n, act in enumerate(acts) if _is_first(act, fact, today)]
    if not firsts:
        return None
    followed = [_is_followed(acts, n, fact, limit) for n in firsts]
    return any(followed), None if followed[-1] else acts[firsts[-1]][0] + limit


def session(fact: Fact, facts: Facts, now: datetime) -> int:
    """Return the number of visits so far, or the acts or the whole minutes of this one."""
    held = facts.get("session") or {}
    if fact.name == "number":
        return int(held.get("number", 0))
    seconds = int(now.timestamp())
    if _is_over(held, seconds):
        return 0
    if fact.name == "events":
        return int(held["events"])
    return max(0, seconds - int(held["started"])) // SECONDS_PER_MINUTE


def in_session(fact: Fact, facts: Facts, now: datetime) -> int:
    """Return how many events of a type this visit had so far."""
    held = facts.get("session") or {}
    if _is_over(held, int(now.timestamp())):
        return 0
    return int(held["types"].get(fact.name, 0))


def _is_first(act: Act, fact: Fact, today: int) -> bool:
    if not _is_step(act, fact.name, fact.category):
        return False
    earliest = today - fact.days + 1 if fact.days else 0
    return bool(act[0] // SECONDS_PER_DAY >= earliest)


def _is_followed(acts: list[Act], number: int, fact: Fact, limit: int) -> bool:
    # Acts of one second stand in no order, so that neither followed the other.
    earliest, latest = acts[number][0], acts[number][0] + limit
    return any(
        earliest < act[0] <= latest and _is_step(act, str(fact.then), fact.then_category)
        for act in acts
    )


def _is_step(act: Act, kind: str, category: str | None) -> bool:
    """Whether it is such an act: an order is one, and one in each of its categories."""
    if act[1] != kind:
        return False
    if category is None:
        return counts_as(act, AS_ACT)
    return bool(act[3] == category) and counts_as(act, IN_CATEGORY)


def _is_over(held: Mapping[str, Any], now: int) -> bool:
    return not held or now - int(held["last"]) > SESSION_SECONDS
