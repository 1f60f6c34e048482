"""Answer which items to show, and why these."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from personalization.profiles.facts import Facts
from personalization.recommender.availability import available_items
from personalization.recommender.folding import Act, bought_items, latest_acts
from personalization.recommender.live import LiveModel
from personalization.recommender.strategies import CHAINS, STRATEGIES, Asked, Listing


class UnknownStrategy(ValueError):
    """There is no strategy of this name; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Items, best first, and why; `key` names the reason for programs.

    `strategy` is the one that led to the first item: the one asked for, or its backfill.
    """

    item_ids: tuple[str, ...]
    strategy: str
    reason: str
    model_version: int | None
    key: str


def recommend(
    *,
    strategy: str,
    model: LiveModel | None,
    vector: bytes | None,
    facts: Facts,
    limit: int,
    item_id: str | None = None,
    now: datetime,
) -> Recommendation:
    """List up to `limit` available items, none twice, `item_id` not among them.

    Reads nothing but its arguments and the availability that this process holds. `vector`:
    float32 [k + 1] as stored for `model.version`, None for a cold visitor. A list that comes out
    short is filled from the strategy's chain, which ends in what is popular; what was viewed
    lately is never mixed with other things. Raises UnknownStrategy.
    """
    if strategy not in CHAINS:
        raise UnknownStrategy(f"{strategy!r} is none of {', '.join(CHAINS)}.")
    acts = latest_acts(facts, model=model, now=now) if model else ()
    asked = Asked(
        model=model,
        vector=vector,
        facts=facts,
        limit=limit,
        item_id=item_id,
        available=available_items(),
        acts=acts,
        left_out=LEFT_OUT.get(strategy, _nothing)(facts, acts) | ({item_id} if item_id else set()),
    )
    version = model.version if model else None
    listings = _listings(strategy, asked)
    if not listings:
        key, reason = ("nothing", "Nothing to show") if model else ("no_model", "no live model")
        return Recommendation((), strategy, reason, version, key)
    first_strategy, first = listings[0]
    merged = dict.fromkeys(name for _, listing in listings for name in listing.item_ids)
    return Recommendation(tuple(merged)[:limit], first_strategy, first.reason, version, first.key)


def _bought_or_just_seen(facts: Facts, acts: tuple[Act, ...]) -> frozenset[str]:
    return bought_items(facts) | {act.item_id for act in acts}


def _nothing(_facts: Facts, _acts: tuple[Act, ...]) -> frozenset[str]:
    return frozenset()


# What stays off the list, also off the part that fills it up.
LEFT_OUT: Final = {"recommended": _bought_or_just_seen}


def _listings(strategy: str, asked: Asked) -> list[tuple[str, Listing]]:
    found: list[tuple[str, Listing]] = []
    for name in CHAINS[strategy]:
        listing = STRATEGIES[name](asked)
        if listing and listing.item_ids:
            found.append((name, listing))
        if found and (strategy == "recently_viewed" or _is_full(found, asked.limit)):
            break
    return found


def _is_full(found: list[tuple[str, Listing]], limit: int) -> bool:
    return len({name for _, listing in found for name in listing.item_ids}) >= limit
