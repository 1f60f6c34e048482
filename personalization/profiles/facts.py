"""The live summary of a profile that rules and rankings read.

A profile's facts are one plain dict, kept as jsonb in PostgreSQL and as msgpack in Redis:

    traits      {name: value}                            what was stated: country, plan
    counts      {event type: {day: n}}                   day is days since 1970-01-01 UTC, as text
    categories  {event type: {category: {day: n}}}
    sums        {event type: {day: money}}
    category_sums  {event type: {category: {day: money}}}
    lowest, highest  {event type: {day: money}}           of one line of an order, in that day
    first, last {event type: epoch seconds}
    recent      [[epoch seconds, event type, item id, category], ...]  newest last, at most 100
    orders      [order id, ...]                           the latest eight

A window is a sum over day buckets, so it is right at every moment without a job that closes it.
An order of several lines counts as one purchase; its money is summed line by line. Facts that were
kept before a key existed go without it until an event brings it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgpack

Facts = dict[str, Any]

SECONDS_PER_DAY: Final = 86_400
RECENT_KEPT: Final = 100
ORDERS_KEPT: Final = 8
# Displays are counted, but they are the shop's doing and do not belong among a visitor's own acts.
NOT_RECENT: Final = frozenset({"exposure", "identify"})

EXTREMES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {"lowest": min, "highest": max}


@dataclass(frozen=True, slots=True)
class Happening:
    """The part of an event that facts remember."""

    type: str
    at: datetime
    item_id: str = ""
    category: str = ""
    value: float | None = None
    order_id: str = ""
    traits: Mapping[str, Any] | None = None


def empty_facts() -> Facts:
    """Return the facts of someone of whom nothing is known."""
    return {
        "traits": {},
        "counts": {},
        "categories": {},
        "sums": {},
        "category_sums": {},
        "lowest": {},
        "highest": {},
        "first": {},
        "last": {},
        "recent": [],
        "orders": [],
    }


def remember(facts: Facts, happening: Happening) -> None:
    """Add one happening to the facts, in place."""
    if happening.traits:
        facts["traits"].update(happening.traits)
    seconds = int(happening.at.timestamp())
    day = str(seconds // SECONDS_PER_DAY)
    kind = happening.type
    if not _is_known_order(facts, happening):
        _add(facts["counts"].setdefault(kind, {}), day, 1)
        if happening.category:
            by_category = facts["categories"].setdefault(kind, {})
            _add(by_category.setdefault(happening.category, {}), day, 1)
    if happening.value is not None:
        _remember_money(facts, happening, day=day, value=happening.value)
    facts["first"][kind] = min(seconds, facts["first"].get(kind, seconds))
    facts["last"][kind] = max(seconds, facts["last"].get(kind, seconds))
    if kind not in NOT_RECENT:
        _keep_recent(facts, [seconds, kind, happening.item_id, happening.category])


def lowest_within(days: Mapping[str, float], *, window: int | None, now: datetime) -> float | None:
    """Return the lowest bucket of the window; None where it has none."""
    return min(_within(days, window, now), default=None)


def highest_within(days: Mapping[str, float], *, window: int | None, now: datetime) -> float | None:
    """Return the highest bucket of the window; None where it has none."""
    return max(_within(days, window, now), default=None)


def count_within(days: Mapping[str, int], *, window: int | None, now: datetime) -> int:
    """Return the sum of the day buckets of the last `window` days, today included; None is ever."""
    return sum(_within(days, window, now))


def merge_facts(kept: Facts, absorbed: Facts) -> Facts:
    """Return the facts of two profiles found to be one person; stated traits of `kept` win."""
    merged = empty_facts()
    merged["traits"] = {**absorbed["traits"], **kept["traits"]}
    for name in ("counts", "sums"):
        merged[name] = _merge_days(kept[name], absorbed[name])
    for name in ("categories", "category_sums"):
        left, right = (side.get(name, {}) for side in (kept, absorbed))
        for kind in {*left, *right}:
            merged[name][kind] = _merge_days(left.get(kind, {}), right.get(kind, {}))
    for name, choose in EXTREMES.items():
        for side in (kept, absorbed):
            _merge_extremes(merged[name], side.get(name, {}), choose)
    for name, choose in (("first", min), ("last", max)):
        for kind in {*kept[name], *absorbed[name]}:
            known = [side[name][kind] for side in (kept, absorbed) if kind in side[name]]
            merged[name][kind] = choose(known)
    merged["recent"] = sorted([*kept["recent"], *absorbed["recent"]])[-RECENT_KEPT:]
    merged["orders"] = [*absorbed["orders"], *kept["orders"]][-ORDERS_KEPT:]
    return merged


def pack(facts: Facts) -> bytes:
    """Return the compact form kept in Redis."""
    packed: bytes = msgpack.packb(facts)
    return packed


def unpack(packed: bytes) -> Facts:
    """Return the facts that `pack` wrote."""
    facts: Facts = msgpack.unpackb(packed)
    return facts


def _within(days: Mapping[str, Any], window: int | None, now: datetime) -> Iterable[Any]:
    if window is None:
        return days.values()
    earliest = int(now.timestamp()) // SECONDS_PER_DAY - window + 1
    return [n for day, n in days.items() if int(day) >= earliest]


def _remember_money(facts: Facts, happening: Happening, *, day: str, value: float) -> None:
    kind = happening.type
    _add(facts["sums"].setdefault(kind, {}), day, value)
    if happening.category:
        by_category = facts.setdefault("category_sums", {}).setdefault(kind, {})
        _add(by_category.setdefault(happening.category, {}), day, value)
    for name, choose in EXTREMES.items():
        of_kind = {kind: {day: round(value, 2)}}
        _merge_extremes(facts.setdefault(name, {}), of_kind, choose)


def _is_known_order(facts: Facts, happening: Happening) -> bool:
    if not happening.order_id:
        return False
    order = f"{happening.type}:{happening.order_id}"
    if order in facts["orders"]:
        return True
    facts["orders"] = [*facts["orders"], order][-ORDERS_KEPT:]
    return False


def _keep_recent(facts: Facts, entry: list[Any]) -> None:
    recent = facts["recent"]
    recent.append(entry)
    if len(recent) > 1 and recent[-2][0] > entry[0]:
        recent.sort()
    del recent[:-RECENT_KEPT]


def _add(buckets: dict[str, Any], day: str, amount: float) -> None:
    # Money is summed in floats; two decimals keep 0.1 + 0.2 from growing a tail.
    buckets[day] = round(buckets.get(day, 0) + amount, 2)


def _merge_extremes(
    into: dict[str, dict[str, Any]],
    side: Mapping[str, Mapping[str, Any]],
    choose: Callable[[Any, Any], Any],
) -> None:
    for key, days in side.items():
        buckets = into.setdefault(key, {})
        for day, amount in days.items():
            buckets[day] = choose(buckets.get(day, amount), amount)


def _merge_days(
    left: Mapping[str, Mapping[str, Any]], right: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for side in (left, right):
        for key, days in side.items():
            buckets = merged.setdefault(key, {})
            for day, amount in days.items():
                _add(buckets, day, amount)
    return merged
