"""What golden visitors keep of a profile: what rules read of it, and nothing that names a person.

Traits that say directly who somebody is are never kept; items and places are made vague. What is
kept on request only is kept where some segment reads it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from personalization.profiles.facts import SECONDS_PER_DAY, Facts, empty_facts
from personalization.profiles.folding import note_session
from personalization.rules.reading_acts import SECONDS_PER_MINUTE
from personalization.rules.tree import Fact
from personalization.vault.naming import canonical

KEPT: Final = ("counts", "categories", "sums", "category_sums", "lowest", "highest")
TIMES: Final = ("first", "last")
PLACE: Final = ("latitude", "longitude")
# Of a degree: about 11 km.
PLACE_DECIMALS: Final = 1
# The facts say under it what else was kept.
TOLD: Final = "told"


def freeze_facts(facts: Facts, *, read: Collection[Fact]) -> Facts:
    """Return the facts without what leads back to a person; `read` is what segments read."""
    whole = {**empty_facts(), **facts}
    kept = {name: whole[name] for name in KEPT}
    times = {name: {kind: _day(at) for kind, at in whole[name].items()} for name in TIMES}
    frozen = {**empty_facts(), **kept, **times, "orders": _orders(whole)}
    told = {fact.kind for fact in read} & ON_REQUEST.keys()
    for kind in sorted(told):
        frozen |= ON_REQUEST[kind](whole)
    wanted = {fact.name for fact in read if fact.kind == "trait" and canonical(fact.name) is None}
    stated = {name: value for name, value in whole["traits"].items() if name in wanted}
    frozen["traits"] = {**frozen["traits"], **stated}
    frozen[TOLD] = sorted({*told, *(f"trait:{name}" for name in wanted)})
    return frozen


def is_told(fact: Fact, frozen: Facts) -> bool:
    """Whether frozen facts say what this fact is, if only that it is missing."""
    told = frozen.get(TOLD, ())
    if fact.kind == "trait":
        return fact.name in frozen["traits"] or f"trait:{fact.name}" in told
    return fact.kind not in ON_REQUEST or fact.kind in told


def _acts(whole: Facts) -> Facts:
    """Return the latest acts without items, in whole minutes; their order stays."""
    vague = dict(_vague_moments([act[0] for act in whole["recent"]]))
    acts = [[vague[act[0]], act[1], "", *act[3:]] for act in whole["recent"]]
    kept: Facts = {"recent": sorted(acts), "counts": whole["counts"], "session": {}}
    note_session(kept)
    return kept


def _vague_moments(seconds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each second, and its minute with its place among the seconds there are in it."""
    minute, place = None, 0
    for second in sorted(set(seconds)):
        this = second - second % SECONDS_PER_MINUTE
        place = place + 1 if this == minute else 0
        minute = this
        yield second, this + place


def _orders(whole: Facts) -> dict[str, dict[str, float]]:
    """Return what orders came to, numbered instead of named."""
    return {kind: dict(_numbered(sums)) for kind, sums in whole["orders"].items()}


def _numbered(sums: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    numbers: dict[str, int] = {}
    for key, amount in sorted(sums.items()):
        day, _, order = key.partition(":")
        yield f"{day}:{numbers.setdefault(order, len(numbers))}", amount


def _items(whole: Facts) -> Facts:
    # Only how many there are is asked.
    numbered = {
        kind: {str(number): day for number, day in enumerate(sorted(days.values()))}
        for kind, days in whole["items"].items()
    }
    return {"items": numbered}


def _place(whole: Facts) -> Facts:
    stated = {name: whole["traits"].get(name) for name in PLACE}
    vague = {
        name: round(value, PLACE_DECIMALS)
        for name, value in stated.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return {"traits": vague}


def _day(seconds: int) -> int:
    return seconds - seconds % SECONDS_PER_DAY


ON_REQUEST: Final[Mapping[str, Callable[[Facts], Facts]]] = {
    "score": lambda whole: {"scores": whole["scores"]},
    "persona": lambda whole: {"persona": whole["persona"]},
    "distinct": _items,
    "sequence": _acts,
    "session": _acts,
    "in_session": _acts,
    "location": _place,
}
