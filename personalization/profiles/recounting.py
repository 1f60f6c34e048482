"""Count the orders anew that two profiles each had heard of, when they become one or part again.

Each had paid for them once, by keys of its own. Together they are one order, of which the statement
that came first holds; apart again, each has its own.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from django.db import connection

from personalization.events.accepted import PRICED
from personalization.events.counting import count_anew, order_digest, order_keys
from personalization.profiles.facts import Facts


class Order(NamedTuple):
    """An order as facts know it: what was done with it, and a digest of its number."""

    type: str
    digest: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A stored event of an order."""

    id: Any
    occurred_at: Any
    profile_id: int
    type: str
    properties: dict[str, Any]
    category: str
    value: Any
    counted: int

    @property
    def order(self) -> Order:
        return Order(self.type, order_digest(self.properties["order_id"]))


# As they came in: which statement is the first hangs on it.
LINES: Final = """
    SELECT id, occurred_at, profile_id, type, properties::text, category, value, counted
    FROM events_event
    WHERE profile_id = ANY(%s) AND type = ANY(%s) AND COALESCE(properties->>'order_id', '') <> ''
    ORDER BY received_at, id
"""
COUNT: Final = """
    UPDATE events_event SET counted = %s WHERE id = %s AND occurred_at = %s AND profile_id = %s
"""


def paid_by_both(one: Facts, other: Facts) -> set[Order]:
    """Return the orders whose money both facts hold, as far as they remember orders."""
    return _orders_in(one) & _orders_in(other)


def recount_orders(orders_of: Mapping[int, Collection[Order]]) -> None:
    """Count these orders of these profiles anew. Call it where nobody else counts for them."""
    lines = [line for line in _lines(orders_of) if line.order in orders_of[line.profile_id]]
    _recount(lines)


def recount_parted(profile_ids: Collection[int]) -> None:
    """Count anew, for each of these profiles, the orders that another of them tells of as well."""
    lines = list(_lines(profile_ids))
    owners: dict[Order, set[int]] = {}
    for line in lines:
        owners.setdefault(line.order, set()).add(line.profile_id)
    _recount([line for line in lines if len(owners[line.order]) > 1])


def _orders_in(facts: Facts) -> set[Order]:
    return {
        Order(kind, key.partition(":")[2])
        for kind, sums in facts.get("orders", {}).items()
        for key in sums
    }


def _lines(profile_ids: Collection[int]) -> Iterator[_Line]:
    with connection.cursor() as cursor:
        cursor.execute(LINES, [list(profile_ids), list(PRICED)])
        for pk, at, profile_id, kind, properties, category, value, counted in cursor.fetchall():
            stated = orjson.loads(properties)
            yield _Line(pk, at, profile_id, kind, stated, category, value, counted)


def _recount(lines: Collection[_Line]) -> None:
    keys = [
        keys
        for line in lines
        if (keys := order_keys(line, profile_id=line.profile_id, category=line.category))
    ]
    rows = [
        (counted, line.id, line.occurred_at, line.profile_id)
        for line, counted in zip(lines, count_anew(keys), strict=True)
        if counted != line.counted
    ]
    with connection.cursor() as cursor:
        cursor.executemany(COUNT, rows)
