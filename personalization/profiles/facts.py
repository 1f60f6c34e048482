"""The live summary of a profile that rules and rankings read.

A profile's facts are one plain dict, kept as jsonb in PostgreSQL and as msgpack in Redis:

    traits      {name: value}                            what was stated: country, plan
    provenance  {trait: [source, epoch seconds]}         who stated it, and when exactly; also of
                                                         those that were cleared, and so have no
                                                         value; not in Redis
    ranks       {trait: n}                               the priority of the identifier under which
                                                         it was stated; not in Redis
    counts      {event type: {day: n}}                   day is days since 1970-01-01 UTC, as text
    categories  {event type: {category: {day: n}}}
    sums        {event type: {day: money}}
    category_sums  {event type: {category: {day: money}}}
    lowest, highest  {event type: {day: money}}           of one event, of no order, in that day
    orders      {event type: {"day:order": money}}       of its lines in that day; the newest 200
    items       {event type: {item id: day}}              its latest; the newest 200 items
    first, last {event type: epoch seconds}
    recent      [[epoch seconds, event type, item id, category], ...]  newest last, at most 100
                                                         acts; a further line of an order has
                                                         a fifth part: as what it counts
    visits      [[epoch seconds, epoch seconds], ...]    first and last act of each, oldest first;
                                                         not in Redis
    session     {number, started, last, events, types}    the visit going on, or the latest
    scores      {name: number}                            written by tasks and models
    persona     text                                      written by a model
    lists       [key, ...]                                kept by the database

A window is a sum over day buckets, so it is right at every moment without a job that closes it.
`profiles/folding.py` adds events to facts. Facts that were kept before a key existed go without it
until an event brings it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

Facts = dict[str, Any]

SECONDS_PER_DAY: Final = 86_400
SESSION: Final = "session"
# What no decision reads.
UNDECIDING: Final[Facts] = {"provenance": {}, "ranks": {}, "visits": []}
DERIVED: Final = ("scores", "persona", "lists")


def empty_facts() -> Facts:
    """Return the facts of someone of whom nothing is known."""
    return {
        "traits": {},
        "provenance": {},
        "ranks": {},
        "counts": {},
        "categories": {},
        "sums": {},
        "category_sums": {},
        "lowest": {},
        "highest": {},
        "orders": {},
        "items": {},
        "first": {},
        "last": {},
        "recent": [],
        "visits": [],
        "session": {},
        "scores": {},
        "persona": "",
        "lists": [],
    }


def count_within(days: Mapping[str, int], *, window: int | None, now: datetime) -> int:
    """Return the sum of the day buckets of the last `window` days, today included; None is ever."""
    return sum(_within(days, window, now))


def pack(facts: Facts) -> bytes:
    """Return the compact form kept in Redis, without what no decision asks for."""
    return msgspec.msgpack.encode(facts | UNDECIDING)


def unpack(packed: bytes) -> Facts:
    """Return the facts that `pack` wrote."""
    facts: Facts = msgspec.msgpack.decode(packed)
    return facts


def _within(days: Mapping[str, Any], window: int | None, now: datetime) -> Iterable[Any]:
    if window is None:
        return days.values()
    earliest = int(now.timestamp()) // SECONDS_PER_DAY - window + 1
    return [n for day, n in days.items() if int(day) >= earliest]
