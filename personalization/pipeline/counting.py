"""Tell new messages from repeated ones, and as what each new one counts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from personalization.events.counting import (
    AS_ACT,
    IN_CATEGORY,
    REPEATED,
    OrderKeys,
    order_keys,
    take,
    told_before,
)
from personalization.events.storing import ToStore, see, seen_before
from personalization.pipeline.allowing import Allowed
from personalization.profiles.identifying import Owner
from personalization.profiles.models import ProfileMerge


class _New(NamedTuple):
    """A message that nobody had seen."""

    one: Allowed
    key: str
    owner: Owner
    category: str
    keys: OrderKeys | None

    def keys_under(self, profile_id: int) -> dict[str, str]:
        """Return the digests it would have under another profile, and for which of its own."""
        other = order_keys(self.one.event, profile_id=profile_id, category=self.category)
        if other is None or self.keys is None:
            return {}
        pairs = zip(other.every, self.keys.every, strict=True)
        return {theirs: ours for theirs, ours in pairs if theirs}

    def as_row(self, counted: int) -> ToStore:
        return ToStore(
            event=self.one.event,
            key=self.key,
            profile_id=self.owner.profile_id,
            purposes=self.one.choices.granted,
            category=self.category,
            counted=counted,
            identifier_id=self.owner.identifier_id,
            rank=self.owner.rank,
        )


def new_rows(
    allowed: Sequence[Allowed], *, owners: Sequence[Owner], categories: Sequence[str]
) -> list[ToStore]:
    """Mark the messages as seen, and return those that had not been, as rows to store.

    `owners` and `categories` are those of the events, in their order. Call it inside the
    transaction that stores the rows.
    """
    every = [
        _New(one, one.event.key, owner, category, _keys(one, owner, category))
        for one, owner, category in zip(allowed, owners, categories, strict=True)
    ]
    unseen = see(_at_once(every))
    # The same message twice in one batch counts once.
    new = [message for message in every if take(message.key, unseen)]
    of_orders = [message for message in new if message.keys]
    if not of_orders:
        return [message.as_row(AS_ACT | IN_CATEGORY) for message in new]
    former = _known_of_former(of_orders)
    orders = [message.keys for message in of_orders if message.keys]
    counted = _count_orders(orders, unseen - former, former)
    return [
        message.as_row(next(counted) if message.keys else AS_ACT | IN_CATEGORY) for message in new
    ]


def _keys(one: Allowed, owner: Owner, category: str) -> OrderKeys | None:
    return order_keys(one.event, profile_id=owner.profile_id, category=category)


def _at_once(every: Sequence[_New]) -> Iterator[str]:
    for message in every:
        yield message.key
        if message.keys:
            yield from message.keys.at_once


def _known_of_former(messages: Sequence[_New]) -> set[str]:
    """Return the digests of what was told of profiles that were merged into these since."""
    profile_ids = {message.owner.profile_id for message in messages}
    merges = ProfileMerge.objects.filter(kept_id__in=profile_ids, undone_at=None)
    former: dict[int, list[int]] = {}
    for kept_id, absorbed_id in merges.values_list("kept_id", "absorbed_id"):
        former.setdefault(kept_id, []).append(absorbed_id)
    now_called: dict[str, str] = {}
    for message in messages:
        for profile_id in former.get(message.owner.profile_id, ()):
            now_called |= message.keys_under(profile_id)
    return {now_called[key] for key in seen_before(now_called)}


def _count_orders(orders: Sequence[OrderKeys], unseen: set[str], former: set[str]) -> Iterator[int]:
    """Yield the bits of each event of an order, in their order.

    A line that is repeated is no act of its category, and takes nobody's place there. `former` is
    what was told under another profile.
    """
    started = {one.total for one in orders if one.money and one.money not in unseen}
    known = seen_before(started) | (former & started)
    totals = set(known)
    told = [told_before(one, unseen=unseen, totals=totals) for one in orders]
    fresh = [one for one, told_as in zip(orders, told, strict=True) if not told_as & REPEATED]
    unseen |= see([*(one.category for one in fresh), *(totals - known)]) - former
    for one, told_as in zip(orders, told, strict=True):
        is_act = take(one.order, unseen)
        in_category = not told_as & REPEATED and take(one.category, unseen)
        yield told_as | AS_ACT * is_act | IN_CATEGORY * in_category
