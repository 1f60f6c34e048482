"""Add events to facts, and facts to facts.

Both are sums in the algebra's sense: whatever the order in which events arrive, and wherever a
history is cut in two and merged again, the facts are the same to the last bit. That is what lets
facts be rebuilt from the event table, and a merge of two profiles be undone.
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from personalization.events.counting import AS_ACT, IN_CATEGORY
from personalization.profiles.facts import DERIVED, SECONDS_PER_DAY, SESSION, Facts, empty_facts
from personalization.profiles.provenance import ENRICHMENT, Terms, entry
from personalization.profiles.visits import SESSION_SECONDS, join_visits, note_act

RECENT_KEPT: Final = 100
# Further lines of orders are no acts and do not push any out; so many there may be with them.
RECENT_LINES_KEPT: Final = 300
WHOLE: Final = AS_ACT | IN_CATEGORY
ACT_PARTS: Final = 4
ITEMS_KEPT: Final = 200
ORDERS_KEPT: Final = 200
# Displays are counted, but they are the shop's doing and do not belong among a visitor's own acts.
NOT_RECENT: Final = frozenset({"exposure", "impression", "identify"})
# Of who is known by nothing that has a priority.
UNRANKED: Final = 1_000
EXTREMES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {"lowest": min, "highest": max}
BOUNDS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {"first": min, "last": max}
# Sources that may fill a gap, but not contradict what was stated anywhere else.
WEAK_SOURCES: Final = frozenset({ENRICHMENT})


# A tuple, as there is one of each event.
class Happening(NamedTuple):
    """The part of an event that facts remember.

    `rank`: the priority of the identifier under which it happened, the smallest is believed first.
    A line of an order that is counted already does not count again: `is_counted` and
    `is_counted_in_category` are False, its money is added where that was not told before, and among
    the latest acts it is a line. What is repeated adds nothing but its traits. `order` is a digest
    of which order it is of.
    """

    type: str
    at: datetime
    item_id: str = ""
    category: str = ""
    value: float | None = None
    traits: Mapping[str, Any] | None = None
    source: str = ""
    rank: int = UNRANKED
    terms: Terms | None = None
    is_counted: bool = True
    is_counted_in_category: bool = True
    is_money_counted: bool = True
    is_repeated: bool = False
    order: str = ""

    @property
    def counted(self) -> int:
        """As what it counts: bits of `events/counting.py`."""
        return AS_ACT * self.is_counted | IN_CATEGORY * self.is_counted_in_category


def counts_as(act: Sequence[Any], bit: int) -> bool:
    """Whether one of the latest acts counts as an act, or as one of its category.

    A further line of an order does not; it says so by a fifth part, which acts do without.
    """
    return len(act) == ACT_PARTS or bool(act[ACT_PARTS] & bit)


def remember(facts: Facts, happening: Happening) -> None:
    """Add one happening to the facts, in place."""
    seconds = int(happening.at.timestamp())
    day = str(seconds // SECONDS_PER_DAY)
    kind = happening.type
    if happening.traits:
        _state_all(facts, happening)
    if happening.is_repeated:
        return
    _count(facts, happening, day=day)
    if happening.value is not None and happening.is_money_counted:
        _remember_money(facts, happening, day=day, value=round(happening.value, 2))
    if happening.item_id:
        _keep_items(facts.setdefault("items", {}).setdefault(kind, {}), {happening.item_id: day})
    for name, choose in BOUNDS.items():
        facts[name][kind] = choose(seconds, facts[name].get(kind, seconds))
    if kind not in NOT_RECENT:
        note_act(facts, seconds)
        act = [seconds, kind, happening.item_id, happening.category]
        counted = happening.counted
        _keep_recent(facts["recent"], act if counted == WHOLE else [*act, counted])


def _keep_recent(recent: list[list[Any]], act: list[Any]) -> None:
    # Acts come in order but for the few that were late.
    if not recent or recent[-1] <= act:
        recent.append(act)
    else:
        insort(recent, act)
    # Looking for the oldest takes a walk, so that it is not done for each act.
    if len(recent) > 2 * RECENT_LINES_KEPT:
        _forget_oldest(recent)


def _forget_oldest(recent: list[list[Any]]) -> None:
    """Keep the newest that are no more than so many acts and so many lines.

    How many are newer than one only grows, so that what goes would have gone in any order.
    """
    if len(recent) <= RECENT_KEPT:
        return
    acts = 0
    for place, act in enumerate(reversed(recent)):
        acts += counts_as(act, AS_ACT)
        if acts > RECENT_KEPT or place == RECENT_LINES_KEPT:
            del recent[: len(recent) - place]
            return


def merge_facts(kept: Facts, absorbed: Facts) -> Facts:
    """Return the facts of two profiles found to be one person; the better statement stays.

    Better is what was said under the better identifier, an account rather than a browser, and
    between equals what was said later.

    Scores and persona are those of `kept`: models will judge the whole anew. Lists follow from the
    identifiers, once they have moved.
    """
    merged = empty_facts()
    for name in DERIVED:
        merged[name] = kept.get(name) or absorbed.get(name) or merged[name]
    for side in (kept, absorbed):
        origins = side.get("provenance", {})
        # What was cleared has an origin and no value.
        for trait in {**side["traits"], **origins}:
            rank = side.get("ranks", {}).get(trait, UNRANKED)
            stated = {trait: side["traits"].get(trait)}
            _state(merged, stated, origin=origins.get(trait, ["", 0]), rank=rank)
        _add_days(merged, side)
        _merge_bounds(merged, side)
        for kind, items in side.get("items", {}).items():
            _keep_items(merged["items"].setdefault(kind, {}), items)
    join_visits(merged, kept, absorbed)
    merged["recent"] = sorted([*kept["recent"], *absorbed["recent"]])
    note_session(merged)
    return merged


def note_session(facts: Facts) -> None:
    """Describe the latest visit, and forget acts before the latest hundred.

    Call it when all happenings of a batch are remembered. Of a visit of more than a hundred acts
    the latest hundred are told apart by type.
    """
    recent = facts["recent"]
    _forget_oldest(recent)
    if not recent:
        facts["session"] = {}
        return
    start = len(recent) - 1
    while start and recent[start][0] - recent[start - 1][0] <= SESSION_SECONDS:
        start -= 1
    # Golden visitors keep no visits, and facts that are older than these have none yet.
    visits = facts.get("visits")
    started = visits[-1][0] if visits else recent[start][0]
    types = Counter([act[1] for act in recent[start:] if counts_as(act, AS_ACT)])
    facts["session"] = {
        "number": sum(facts["counts"].get(SESSION, {}).values()),
        "started": started,
        "last": recent[-1][0],
        "events": types.total(),
        "types": dict(sorted(types.items())),
    }


def _state_all(facts: Facts, happening: Happening) -> None:
    seconds = _exactly(happening.at)
    if happening.terms is None:
        origin = [happening.source, seconds]
        _state(facts, happening.traits or {}, origin=origin, rank=happening.rank)
        return
    for trait, value in (happening.traits or {}).items():
        origin = entry(happening.source, seconds, trait=trait, terms=happening.terms)
        _state(facts, {trait: value}, origin=origin, rank=happening.rank)


def _exactly(moment: datetime) -> float:
    """Return epoch seconds to the microsecond: two statements of one second have an order."""
    exact = moment.timestamp()
    return exact if moment.microsecond else int(exact)


def _state(facts: Facts, traits: Mapping[str, Any], *, origin: list[Any], rank: int) -> None:
    """Let a statement replace lesser ones; of two at once, the same one wins on every machine.

    None clears a trait: it goes, and its origin stays, so that an earlier statement that arrives
    later does not bring it back.
    """
    provenance = facts.setdefault("provenance", {})
    ranks = facts.setdefault("ranks", {})
    for trait, value in traits.items():
        known = trait in provenance or trait in facts["traits"]
        origin_now = provenance.get(trait, ["", 0])
        current = _weight(origin_now, ranks.get(trait, UNRANKED), facts["traits"].get(trait))
        if not known or _weight(origin, rank, value) >= current:
            if value is None:
                facts["traits"].pop(trait, None)
            else:
                facts["traits"][trait] = value
            provenance[trait] = origin
            ranks[trait] = rank


def _weight(origin: list[Any], rank: int, value: Any) -> tuple[bool, int, float, str, str]:
    source, seconds = origin[:2]
    return source not in WEAK_SOURCES, -rank, seconds, repr(value), repr(origin)


def _count(facts: Facts, happening: Happening, *, day: str) -> None:
    kind = happening.type
    if happening.is_counted:
        _add(facts["counts"].setdefault(kind, {}), day, 1)
    if happening.category and happening.is_counted_in_category:
        by_category = facts["categories"].setdefault(kind, {})
        _add(by_category.setdefault(happening.category, {}), day, 1)


def _remember_money(facts: Facts, happening: Happening, *, day: str, value: float) -> None:
    kind = happening.type
    _add(facts["sums"].setdefault(kind, {}), day, value)
    if happening.category:
        by_category = facts.setdefault("category_sums", {}).setdefault(kind, {})
        _add(by_category.setdefault(happening.category, {}), day, value)
    if happening.order:
        _add_orders(facts, kind, {f"{day}:{happening.order}": value})
        return
    for name, choose in EXTREMES.items():
        buckets = facts.setdefault(name, {}).setdefault(kind, {})
        buckets[day] = choose(buckets.get(day, value), value)


def _add_orders(facts: Facts, kind: str, sums: Mapping[str, float]) -> None:
    """Add to what orders came to, and keep the newest; a key's place hangs on no amount."""
    orders = facts.setdefault("orders", {}).setdefault(kind, {})
    for key, amount in sums.items():
        _add(orders, key, amount)
    # Days have five digits from 1997 to 2243: their order as texts is that of numbers.
    for key in sorted(orders)[:-ORDERS_KEPT]:
        del orders[key]


def _keep_items(items: dict[str, str], newer: Mapping[str, str]) -> None:
    for item, day in newer.items():
        items[item] = max(items.get(item, day), day, key=int)
    if len(items) > ITEMS_KEPT:
        newest_first = sorted(items, key=lambda item: (int(items[item]), item), reverse=True)
        for item in newest_first[ITEMS_KEPT:]:
            del items[item]


def _add(buckets: dict[str, Any], day: str, amount: float) -> None:
    # Money is summed in floats; two decimals keep 0.1 + 0.2 from growing a tail.
    buckets[day] = round(buckets.get(day, 0) + amount, 2)


def _add_days(into: Facts, side: Facts) -> None:
    for name in ("counts", "sums"):
        for kind, days in side.get(name, {}).items():
            _add_buckets(into[name].setdefault(kind, {}), days)
    for name in ("categories", "category_sums"):
        for kind, by_category in side.get(name, {}).items():
            for category, days in by_category.items():
                buckets = into[name].setdefault(kind, {}).setdefault(category, {})
                _add_buckets(buckets, days)


def _add_buckets(buckets: dict[str, Any], days: Mapping[str, Any]) -> None:
    for day, amount in days.items():
        _add(buckets, day, amount)


def _merge_bounds(into: Facts, side: Facts) -> None:
    for kind, sums in side.get("orders", {}).items():
        _add_orders(into, kind, sums)
    for name, choose in EXTREMES.items():
        for kind, days in side.get(name, {}).items():
            buckets = into[name].setdefault(kind, {})
            for day, amount in days.items():
                buckets[day] = choose(buckets.get(day, amount), amount)
    for name, choose in BOUNDS.items():
        for kind, seconds in side[name].items():
            into[name][kind] = choose(into[name].get(kind, seconds), seconds)
