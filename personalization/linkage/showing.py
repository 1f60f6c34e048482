"""Two records side by side, and what each field adds, as a chart."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from personalization.linkage.models import FIELDS, Candidate
from personalization.linkage.records import consenting, personal_traits
from personalization.vault.looking import look
from personalization.vault.masking import masked

WIDTH: Final = 640
LABEL: Final = 236
PLOT: Final = WIDTH - LABEL - 70
STEP: Final = 30
PRIOR: Final = "any two profiles"
TOTAL: Final = "both together"


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both records, and what it says."""

    name: str
    left: str
    right: str
    finding: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the waterfall, in the units of the drawing."""

    label: str
    amount: float
    x: float
    y: float
    width: float
    kind: str  # for, against or total

    @property
    def text_y(self) -> float:
        """The base line of its texts."""
        return self.y + 14


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The whole chart."""

    bars: Sequence[Bar]
    zero: float
    height: int

    @property
    def width(self) -> int:
        """How wide it is drawn."""
        return WIDTH


def side_by_side(candidate: Candidate, *, seen_by: str, now: datetime) -> list[Row]:
    """Return the compared fields of both; whoever no longer agrees shows nothing.

    seen_by: who sees them in the clear, which is written down; empty: they are masked.
    """
    ids = [candidate.profile_id, candidate.other_id]
    agreed = consenting(ids)
    traits = _in_the_clear(agreed, seen_by, now) if seen_by else _masked(agreed)
    left, right = (traits.get(profile_id, {}) for profile_id in ids)
    return [
        Row(FIELDS[name], left.get(name, ""), right.get(name, ""), finding)
        for name, finding, _ in candidate.shares
        if name in FIELDS
    ]


def _in_the_clear(ids: Iterable[int], seen_by: str, now: datetime) -> dict[int, dict[str, str]]:
    return {
        profile_id: {
            one.name: str(one.value)
            for one in look(profile_id=profile_id, seen_by=seen_by, now=now)
        }
        for profile_id in ids
    }


def _masked(ids: Collection[int]) -> dict[int, dict[str, str]]:
    return {
        profile_id: {name: masked(name, value) for name, value in traits.items()}
        for profile_id, traits in personal_traits(ids).items()
    }


def waterfall(candidate: Candidate) -> Waterfall:
    """Return the weight of the pair as steps from the prior to the sum, in bits."""
    steps: list[tuple[str, float]] = [(PRIOR, candidate.prior)]
    steps += [(f"{FIELDS.get(n, n)}: {finding}", bits) for n, finding, bits in candidate.shares]
    ends = _running([amount for _, amount in steps])
    low, high = min(0.0, *ends), max(0.0, *ends)
    scale = PLOT / ((high - low) or 1.0)

    def place(label: str, start: float, end: float, number: int, kind: str) -> Bar:
        return Bar(
            label=label,
            amount=end - start,
            x=round(LABEL + (min(start, end) - low) * scale, 1),
            y=number * STEP,
            width=round(max(abs(end - start) * scale, 1.0), 1),
            kind=kind,
        )

    bars = [
        place(label, start, end, number, "for" if amount >= 0 else "against")
        for number, ((label, amount), start, end) in enumerate(
            zip(steps, [0.0, *ends], ends, strict=False)
        )
    ]
    bars.append(place(TOTAL, 0.0, ends[-1], len(steps), "total"))
    return Waterfall(bars, zero=round(LABEL - low * scale, 1), height=STEP * len(bars))


def _running(amounts: Sequence[float]) -> list[float]:
    sums: list[Any] = []
    for amount in amounts:
        sums.append((sums[-1] if sums else 0.0) + amount)
    return sums
