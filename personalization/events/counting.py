"""As what an event counts: an order is one purchase, however many lines and messages it has."""

from collections.abc import Collection, Iterator
from hashlib import blake2b
from typing import Final

from personalization.events.accepted import AcceptedEvent

# Bits of Event.counted. The further lines of an order add their money only.
AS_ACT: Final = 1
IN_CATEGORY: Final = 2
OPENS_SESSION: Final = 4


def order_keys(
    event: AcceptedEvent, *, profile_id: int, category: str
) -> Iterator[tuple[int, str]]:
    """Yield what is to be counted once, with its bit; nothing for an event that is no order's.

    The first line of an order to arrive counts it, and the first of each category counts it there.
    """
    order_id = event.properties.get("order_id")
    if order_id:
        order = f"{profile_id}\n{event.type}\n{order_id}"
        yield AS_ACT, _digest(order)
        yield IN_CATEGORY, _digest(f"{order}\n{category}")


def counted_as(keys: Collection[tuple[int, str]], *, unseen: set[str]) -> int:
    """Return the bits of an event with these order keys, and take the keys out of `unseen`."""
    if not keys:
        return AS_ACT | IN_CATEGORY
    bits = sum(bit for bit, key in keys if key in unseen)
    unseen.difference_update(key for _, key in keys)
    return bits


def order_digest(order_id: str) -> str:
    """Return under what the facts of a profile know one of its orders; empty for none."""
    return blake2b(order_id.encode(), digest_size=6).hexdigest() if order_id else ""


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16, person=b"order").hexdigest()
