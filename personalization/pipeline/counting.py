"""Tell new messages from repeated ones, and as what each new one counts."""

from collections.abc import Mapping, Sequence

from personalization.events.counting import OPENS_SESSION, counted_as, order_keys
from personalization.events.storing import ToStore, see
from personalization.pipeline.allowing import Allowed
from personalization.profiles.facts import Facts
from personalization.profiles.folding import NOT_RECENT, SESSION_SECONDS
from personalization.profiles.identifying import Owner

Newest = dict[int, int | None]


def new_rows(
    allowed: Sequence[Allowed],
    *,
    owners: Sequence[Owner],
    categories: Sequence[str],
    facts_of: Mapping[int, Facts],
) -> list[ToStore]:
    """Mark the messages as seen, and return those that had not been, as rows to store.

    `owners` and `categories` are those of the events, in their order. Call it inside the
    transaction that stores the rows.
    """
    orders = [
        tuple(order_keys(one.event, profile_id=owner.profile_id, category=category))
        for one, owner, category in zip(allowed, owners, categories, strict=True)
    ]
    keys = [one.event.key for one in allowed]
    unseen = see([*keys, *(key for pairs in orders for _, key in pairs)])
    newest = _newest_acts(facts_of)
    rows = []
    for one, key, owner, category, pairs in zip(
        allowed, keys, owners, categories, orders, strict=True
    ):
        if key not in unseen:
            continue
        unseen.discard(key)  # the same message twice in one batch counts once
        counted = counted_as(pairs, unseen=unseen) | _opening(one, owner.profile_id, newest)
        rows.append(
            ToStore(
                event=one.event,
                key=key,
                profile_id=owner.profile_id,
                purposes=one.choices.granted,
                category=category,
                counted=counted,
                identifier_id=owner.identifier_id,
                rank=owner.rank,
            )
        )
    return rows


def _newest_acts(facts_of: Mapping[int, Facts]) -> Newest:
    return {
        profile_id: facts["recent"][-1][0] if facts["recent"] else None
        for profile_id, facts in facts_of.items()
    }


def _opening(one: Allowed, profile_id: int, newest: Newest) -> int:
    """Return whether this act opens a visit, and let the visit go on to it."""
    if one.event.type in NOT_RECENT or not one.choices.allows("personalization"):
        return 0
    seconds = int(one.event.occurred_at.timestamp())
    before = newest[profile_id]
    newest[profile_id] = seconds if before is None else max(before, seconds)
    return OPENS_SESSION if before is None or seconds - before > SESSION_SECONDS else 0
