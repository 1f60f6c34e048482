"""Read who turned to what from the stored events, grouped in PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray
from scipy import sparse

from personalization.events.converting import IN_SHOP_MONEY
from personalization.events.counting import MONEY_TOLD, REPEATED

Matrix = Any  # scipy.sparse has no types

# What one act says about interest. A view is cheap, a purchase is not.
WEIGHTS: Final = {"item_view": 1.0, "add_to_cart": 2.0, "purchase": 4.0}
TYPES: Final = (*WEIGHTS, "refund")
ROWS_AT_ONCE: Final = 20_000

LEARNED: Final = 0  # up to the cut
BETWEEN: Final = 1  # after the cut, but the live model has learned from it
JUDGED: Final = 2  # after both: neither model has seen it

# The same line of an order, told by another door, is no second purchase.
READABLE: Final = (
    "purposes @> ARRAY['training']::varchar[] AND item_id <> '' AND type = ANY(%(types)s)"
    f" AND counted & {REPEATED} = 0"
)
# A refund is in the currency of its purchase, so that their ratio needs no rate.
COMPARABLE: Final = f"coalesce({IN_SHOP_MONEY}, value)"
# A purchase counts for the share of its money that was not refunded.
GROUPED: Final = f"""
    SELECT profile_id, item_id,
        CASE WHEN occurred_at <= %(cut)s THEN {LEARNED}
             WHEN occurred_at <= %(judged_after)s THEN {BETWEEN} ELSE {JUDGED} END AS side,
        count(*) FILTER (WHERE type = 'item_view') * {WEIGHTS["item_view"]}
        + count(*) FILTER (WHERE type = 'add_to_cart') * {WEIGHTS["add_to_cart"]}
        + count(*) FILTER (WHERE type = 'purchase') * {WEIGHTS["purchase"]}
        * greatest(0, 1 - coalesce(
            sum(abs({COMPARABLE})) FILTER (WHERE type = 'refund')
            / nullif(sum(abs({COMPARABLE})) FILTER (WHERE type = 'purchase'), 0), 0)) AS weight,
        extract(epoch FROM max(occurred_at) FILTER (WHERE type <> 'refund'))::bigint AS last
    FROM events_event WHERE {READABLE}
    GROUP BY profile_id, item_id, side
    ORDER BY profile_id, item_id, side
"""  # noqa: S608  # only the constants above
CUT: Final = f"""
    SELECT percentile_disc(%(quantile)s) WITHIN GROUP (ORDER BY occurred_at)
    FROM events_event WHERE {READABLE}
"""  # noqa: S608
ORDER_VALUES: Final = f"""
    SELECT profile_id, sum(money) / count(DISTINCT date_trunc('day', occurred_at))
    FROM (SELECT *, {IN_SHOP_MONEY} AS money FROM events_event) AS event
    WHERE {READABLE} AND occurred_at <= %(cut)s AND money IS NOT NULL
        AND counted & {MONEY_TOLD} = 0
    GROUP BY profile_id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Interactions:
    """Who turned to what: one entry for each profile, item and side of the cut.

    users, items: positions in `profile_ids` and `item_ids`; weights above 0; last: epoch
    seconds of the latest act; sides: LEARNED, BETWEEN or JUDGED. All of one length.
    """

    profile_ids: NDArray[np.int64]
    item_ids: tuple[str, ...]
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    weights: NDArray[np.float32]
    last: NDArray[np.int64]
    sides: NDArray[np.int8]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of profiles and items."""
        return len(self.profile_ids), len(self.item_ids)

    def matrix(self, *sides: int) -> Matrix:
        """Return the weights of these sides as CSR [profiles, items]."""
        chosen = np.isin(self.sides, sides)
        entries = (self.weights[chosen], (self.users[chosen], self.items[chosen]))
        return sparse.csr_matrix(entries, self.shape, dtype=np.float32)

    def popularity(self, *, sides: tuple[int, ...], since: int) -> NDArray[np.int64]:
        """Return for each item how many profiles turned to it at or after `since`.

        People are counted, not acts: one wholesaler does not make a best-seller.
        """
        chosen = np.isin(self.sides, sides) & (self.last >= since)
        pairs = np.unique(self.users[chosen].astype(np.int64) * self.shape[1] + self.items[chosen])
        return np.bincount(pairs % self.shape[1], minlength=self.shape[1])

    def newest(self, *sides: int) -> int:
        """Return the epoch seconds of the latest act on these sides, 0 when there is none."""
        return int(self.last[np.isin(self.sides, sides)].max(initial=0))


def find_cut(*, quantile: float) -> datetime | None:
    """Return the moment up to which this share of the interactions lies; None without any."""
    with connection.cursor() as cursor:
        cursor.execute(CUT, {"quantile": quantile, "types": list(TYPES)})
        found: datetime | None = cursor.fetchone()[0]
    return found


def read_interactions(
    *, cut: datetime, judged_after: datetime, catalogue: tuple[str, ...]
) -> Interactions:
    """Read all interactions whose visitors allowed training.

    Items are those of the catalogue, then those that only events name. A pair whose purchases
    were all refunded is left out. The rows come through a server-side cursor, in an order that
    depends on nothing but the data, so that the same data give the same model.
    """
    people: dict[int, int] = {}
    things: dict[str, int] = {item_id: position for position, item_id in enumerate(catalogue)}
    parts = [
        _as_arrays(rows, people, things)
        for rows in _rows(
            {
                "cut": cut,
                "judged_after": judged_after,
                "types": list(TYPES),
                "currency": settings.CURRENCY,
            }
        )
    ]
    users, items, sides, weights, last = (
        np.concatenate(column) for column in zip(NO_ROWS, *parts, strict=True)
    )
    profile_ids = np.fromiter(people, np.int64, len(people))
    return Interactions(profile_ids, tuple(things), users, items, weights, last, sides)


def order_values(*, cut: datetime) -> dict[int, float]:
    """Return the mean value of a profile's shopping day, in the shop's currency, up to the cut."""
    with connection.cursor() as cursor:
        cursor.execute(
            ORDER_VALUES, {"cut": cut, "types": ["purchase"], "currency": settings.CURRENCY}
        )
        return {profile_id: float(value) for profile_id, value in cursor.fetchall()}


NO_ROWS: Final = (
    np.empty(0, np.int32),
    np.empty(0, np.int32),
    np.empty(0, np.int8),
    np.empty(0, np.float32),
    np.empty(0, np.int64),
)


def _rows(asked: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(GROUPED, asked)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield rows


def _as_arrays(
    rows: list[tuple[Any, ...]], people: dict[int, int], things: dict[str, int]
) -> tuple[NDArray[Any], ...]:
    kept = [row for row in rows if row[3] > 0]
    return (
        np.array([people.setdefault(row[0], len(people)) for row in kept], np.int32),
        np.array([things.setdefault(row[1], len(things)) for row in kept], np.int32),
        np.array([row[2] for row in kept], np.int8),
        np.array([row[3] for row in kept], np.float32),
        np.array([row[4] for row in kept], np.int64),
    )
