"""How a fact is spread over the profiles, and where its numbers fall into groups."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db.models import FloatField
from django.db.models.expressions import RawSQL

from personalization.profiles.models import Profile
from personalization.rules.parsing import RuleError, parse_condition
from personalization.rules.reading_sql import READ_SQL
from personalization.rules.tree import Fact
from personalization.rules.vocabulary import OPERATORS_OF
from personalization.segments.disclosing import VAGUE
from personalization.segments.limiting import limited_time
from personalization.segments.natural_breaks import Numbers, fitting_breaks
from personalization.segments.rows import condition_of
from personalization.segments.thresholds import Meaning, meaning_of

PROFILES_READ: Final = 20_000
SECONDS: Final = 5
BARS: Final = 24
WIDTH: Final = 100.0
HEIGHT: Final = 40.0
# Of its room; the rest is the gap to the next.
BAR_WIDTH: Final = 0.85
# What lies beyond this share of the profiles is put into the last bar, or a few large numbers
# would push all others into the first.
SHOWN_UP_TO: Final = 0.99
# A threshold with more digits would point at somebody.
DIGITS: Final = 2
# Of a number of days or minutes; what has more is read as a text, and refused as one.
MOST_DIGITS: Final = 9
FEW: Final = "fewer than ten on one side of it"
# Facts of the visit, of which no profile tells, and those that are spread evenly by design.
UNTOLD: Final = frozenset({"context", "percentage"})


@dataclass(frozen=True, slots=True)
class Bar:
    """Profiles from one number to another, drawn on 100 by 40.

    Pressing it types `value`, or `low` and `high` where a range is asked for.
    """

    said: str
    value: str
    low: str
    high: str
    left: float
    width: float
    tall: float

    @property
    def top(self) -> float:
        """Where it ends, from above."""
        return HEIGHT - self.tall


@dataclass(frozen=True, slots=True)
class Break:
    """A natural threshold, whom it means, and where it lies on the 100."""

    value: str
    said: str
    left: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """The numbers of those `known`, out of `read` profiles; nothing is drawn where nobody is."""

    read: int
    known: int
    bars: tuple[Bar, ...] = ()
    breaks: tuple[Break, ...] = ()
    from_said: str = ""
    to_said: str = ""
    most_said: str = ""
    # Where the last bar begins, if it has all above as well.
    last_said: str = ""
    is_cut: bool = False


def can_be_spread(fact: str) -> bool:
    """Whether a fact, as the form names it, is a number that profiles have."""
    kind = fact.partition(":")[0]
    return kind not in UNTOLD and "at_least" in OPERATORS_OF.get(kind, ())


def distribution_of(row: Mapping[str, Any], *, now: datetime) -> Distribution:
    """Return the spread of the fact that a row asks for, over the newest profiles.

    Raises RuleError where the row does not say which fact, and TookTooLong.
    """
    fact = _fact(row)
    number = READ_SQL[fact.kind](fact, now).number
    sql = RawSQL(number.text, number.params, output_field=FloatField())  # noqa: S611 - a fact's own
    newest = Profile.objects.order_by("-pk").values_list(sql, flat=True)[:PROFILES_READ]
    with limited_time(seconds=SECONDS):
        read = list(newest)
    known = np.array([float(one) for one in read if one is not None], dtype=np.float64)
    return spread(known, read=len(read), meaning=meaning_of(str(row.get("operator") or "")))


def spread(values: Numbers, *, read: int, meaning: Meaning) -> Distribution:
    """Return bars and breaks of these numbers, for a way to compare them."""
    if not len(values):
        return Distribution(read=read, known=0)
    edges = _edges(values, float(values.min()), _top(values))
    highest = float(edges[-1]) - _gap(values)
    return Distribution(
        read=read,
        known=len(values),
        bars=tuple(_bars(values, edges, meaning)),
        breaks=tuple(_breaks(values, edges, meaning)),
        from_said=_said(_rounded(float(values.min()))),
        to_said=_said(_rounded(highest)),
        most_said=_said(_rounded(float(values.max()))),
        last_said=_said(_rounded(float(edges[-2]))),
        is_cut=float(values.max()) > highest,
    )


def _bars(values: Numbers, edges: Numbers, meaning: Meaning) -> Iterator[Bar]:
    gap, least, most = _gap(values), float(values.min()), float(values.max())
    counts, _ = np.histogram(np.minimum(values, edges[-1]), bins=edges)
    tallest, width = max(1, int(counts.max())), WIDTH / len(counts)
    for number, count in enumerate(counts):
        low, last = float(edges[number]), float(edges[number + 1]) - gap
        is_open = number == len(counts) - 1 and most > last
        value = meaning.of_bar(low, last, gap=gap)
        # A bar that is there is seen, however few it stands for.
        tall = max(1.0, HEIGHT * VAGUE.part(int(count)) / VAGUE.part(tallest)) if count else 0.0
        yield Bar(
            said=f"{_range(low, last, is_open)}: {VAGUE.number(int(count))} profiles",
            # Where nobody is below 0, nobody says "more than -1 purchases".
            value=_said(_rounded(value if least < 0 else max(value, 0.0))),
            low=_said(_rounded(low)),
            high=_said(_rounded(last)),
            left=number * width,
            width=width * BAR_WIDTH,
            tall=tall,
        )


def _range(low: float, last: float, is_open: bool) -> str:
    """Say which numbers are in a bar; that with all above is open."""
    first, end = (_said(_rounded(one)) for one in (low, last))
    if is_open:
        return f"{first} and more"
    if first != end:
        return f"{first} to {end}"
    return first if low == last == _rounded(low) else f"about {first}"


def _fact(row: Mapping[str, Any]) -> Fact:
    if not can_be_spread(str(row.get("fact") or "")):
        raise RuleError("fact", "Choose a fact that is a number.")
    days, minutes = (_whole(row, name) for name in ("days", "minutes"))
    stated = {**row, "days": days, "minutes": minutes, "operator": "at_least", "value": "1"}
    condition = condition_of(stated)
    return parse_condition(condition).fact


def _whole(row: Mapping[str, Any], name: str) -> Any:
    text = str(row.get(name) or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_number else text or None


def _top(values: Numbers) -> float:
    return float(np.quantile(values, SHOWN_UP_TO, method="higher"))


def _edges(values: Numbers, lowest: float, highest: float) -> Numbers:
    """Return where bars begin and the last ends; of whole numbers each bar has as many."""
    if _are_whole(values):
        step = max(1, math.ceil((highest - lowest + 1) / BARS))
        count = math.ceil((highest - lowest + 1) / step)
        return lowest + step * np.arange(count + 1, dtype=np.float64)
    if highest <= lowest:
        return np.array([lowest, lowest + 1])
    return np.linspace(lowest, highest, BARS + 1)


def _gap(values: Numbers) -> float:
    """Return what lies between the numbers there can be: 1 of whole ones, 0 of others."""
    return 1.0 if _are_whole(values) else 0.0


def _are_whole(values: Numbers) -> bool:
    return bool((values == np.floor(values)).all())


def _breaks(values: Numbers, edges: Numbers, meaning: Meaning) -> Iterator[Break]:
    width = float(edges[-1] - edges[0])
    found = fitting_breaks(np.minimum(values, edges[-1]))
    # Those that are rounded to the same number are one.
    for value, at in {_rounded(meaning.parting(values, one)): one for one in found}.items():
        meant = meaning.count(values, value)
        left = min(1.0, max(0.0, (at - float(edges[0])) / width)) * WIDTH
        if 0 < meant < len(values):
            is_few = VAGUE.hides(meant, len(values))
            share = VAGUE.share(meant, len(values))
            yield Break(_said(value), FEW if is_few else f"{share} {meaning.words}", left)


def _rounded(value: float) -> float:
    if not value:
        return 0.0
    return round(value, DIGITS - 1 - math.floor(math.log10(abs(value))))


def _said(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".")
