"""Which of two statements about a person is believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Stated:
    """The traits of a profile, who stated each when, and how well its best identifier names it.

    rank: the priority of the best identifier, the smallest is best. provenance: {trait: [source,
    epoch seconds]}; a trait that is not in it was stated before anyone kept count.
    """

    rank: int
    traits: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return what a record of a merge keeps."""
        return {"rank": self.rank, "traits": self.traits, "provenance": self.provenance}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote."""
        return cls(data["rank"], data["traits"], data["provenance"])

    def said_at(self, trait: str) -> float:
        """Return when the trait was stated, in epoch seconds; 0: nobody knows."""
        return float(self.provenance[trait][1]) if trait in self.provenance else 0.0


def believed(kept: Stated, absorbed: Stated) -> Stated:
    """Return the traits of both: the better identified side's, and between equals the later."""
    traits, provenance = {}, {}
    for name in {**kept.traits, **absorbed.traits}:
        side = _believed_of(name, kept, absorbed)
        traits[name] = side.traits[name]
        if name in side.provenance:
            provenance[name] = side.provenance[name]
    return Stated(min(kept.rank, absorbed.rank), traits, provenance)


def _believed_of(name: str, kept: Stated, absorbed: Stated) -> Stated:
    if name not in absorbed.traits:
        return kept
    if name not in kept.traits:
        return absorbed
    return min(kept, absorbed, key=lambda side: (side.rank, -side.said_at(name)))


def given_back(*, kept: Stated, absorbed: Stated, joined: Stated, now: Stated) -> Stated:
    """Return the kept side's traits without those that came with the absorbed one.

    What was stated after the merge stays with the kept side.
    """
    since = {n: v for n, v in now.traits.items() if joined.traits.get(n) != v}
    traits = {**kept.traits, **since}
    provenance = {
        name: (now if name in since else kept).provenance[name]
        for name in traits
        if name in (now if name in since else kept).provenance
    }
    return Stated(kept.rank, traits, provenance)
