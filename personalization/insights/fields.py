"""The fields of one event type, as samples: what is missing, and what has drifted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from personalization.events.outliers import is_number
from personalization.events.sampling import Sampled
from personalization.events.schema_checking import PARTS, described_fields
from personalization.insights.statistics import (
    Difference,
    common_labels,
    compare_categories,
    compare_numbers,
)

# Smaller samples differ by chance: the index of two equal ones of 200 is about 0.09 on average.
FEWEST: Final = 200
MOSTLY: Final = 0.95
MOST_FIELDS: Final = 40
MOST_LABELS: Final = 15
# A label that fewer people have might say who they are.
FEWEST_PEOPLE: Final = 10
LONGEST_LABEL: Final = 60


@dataclass(frozen=True, slots=True)
class Missing:
    """In which share of events a field that the schema describes is not there."""

    field: str
    share: float
    before: float | None  # in the weeks before; None where there were no events
    is_required: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """How a field differs from the weeks before."""

    field: str
    kind: str
    events: int
    difference: Difference


def missing_fields(
    before: Sequence[Sampled], now: Sequence[Sampled], schema: Mapping[str, Any]
) -> list[Missing]:
    """Return the share of events that lack each field."""
    return [
        Missing(
            field=f"{part}.{name}",
            share=_lacking(now, part, name),
            before=_lacking(before, part, name) if before else None,
            is_required=name in schema["properties"][part].get("required", ()),
        )
        for part, name in described_fields(schema)
        if now
    ]


def drifted_fields(before: Sequence[Sampled], now: Sequence[Sampled]) -> Iterator[Drift]:
    """Yield how each field differs, where both samples have enough of it."""
    if min(len(before), len(now)) < FEWEST:
        return
    for part, name in _names(before):
        left, right = (_values(events, part, name) for events in (before, now))
        if min(len(left), len(right)) < FEWEST:
            continue
        compared = _compared(left, right)
        if compared is not None:
            kind, difference = compared
            yield Drift(f"{part}.{name}", kind, len(right), difference)


Values = list[tuple[Any, int]]  # with the profile each is of


def _lacking(events: Sequence[Sampled], part: str, name: str) -> float:
    return sum(getattr(event, part).get(name) is None for event in events) / len(events)


def _names(events: Sequence[Sampled]) -> list[tuple[str, str]]:
    seen = Counter(
        (part, name) for event in events for part in PARTS for name in getattr(event, part)
    )
    return sorted(pair for pair, _ in seen.most_common(MOST_FIELDS))


def _values(events: Sequence[Sampled], part: str, name: str) -> Values:
    found = ((getattr(event, part).get(name), event.profile_id) for event in events)
    return [(value, profile) for value, profile in found if isinstance(value, str | int | float)]


def _compared(before: Values, now: Values) -> tuple[str, Difference] | None:
    if _are_numbers(before) and _are_numbers(now):
        left, right = ([float(v) for v, _ in values if is_number(v)] for values in (before, now))
        return "number", compare_numbers(left, right)
    left_labels, right_labels = ([(_label(v), who) for v, who in side] for side in (before, now))
    labels = common_labels(left_labels, fewest_people=FEWEST_PEOPLE, at_most=MOST_LABELS)
    if not labels:
        return None  # every value is nearly somebody's own, as ids and addresses are
    counts = (Counter(label for label, _ in side) for side in (left_labels, right_labels))
    return "category", compare_categories(*counts, labels=labels)


def _are_numbers(values: Values) -> bool:
    return sum(is_number(value) for value, _ in values) >= MOSTLY * len(values)


def _label(value: Any) -> str:
    return str(value)[:LONGEST_LABEL]
