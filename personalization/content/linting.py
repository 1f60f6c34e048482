"""What is wrong, or will surprise, in the activities: who hides whom, and segments nobody uses."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from personalization.rules.normalising import Normal
from personalization.segments.linting import Finding

NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Showing:
    """Where, when and to whom an activity wants to appear; without a segment, to everyone.

    `rule` is the normal form of the segment's rule, and None where it cannot be read.
    """

    key: str
    name: str
    placement: str
    priority: int
    segment: str | None
    rule: Normal | None
    starts_at: datetime | None
    ends_at: datetime | None


def lint_activities(
    *, saved: Sequence[tuple[int, Showing]], live: Collection[Showing], now: datetime
) -> list[Finding]:
    """Return which saved activities, by primary key, live ones keep from ever being shown."""
    return [finding for pk, one in saved for finding in _hidden(pk, one, live, now)]


def lint_usage(*, segments: Sequence[tuple[int, str, str]], used: Collection[str]) -> list[Finding]:
    """Return the segments, given as (primary key, key, name), that no activity is for."""
    remedy = "Make an activity for it, or delete it."
    return [
        Finding("hint", "segments.segment", pk, name, "No activity is for it.", remedy)
        for pk, key, name in segments
        if key not in used
    ]


def _hidden(pk: int, one: Showing, live: Collection[Showing], now: datetime) -> Iterator[Finding]:
    start, end = _window(one, now)
    rivals = [other for other in live if _comes_before(other, one) and _reaches(other, one)]
    for other in sorted(rivals, key=_order):
        from_, until = _window(other, now)
        if start >= end or from_ >= end or until <= start:
            continue
        remedy = f"Raise its priority above {other.priority}, or move one of the two."
        if from_ <= start and until >= end:
            problem = f"“{other.name}” comes before it and has the same visitors: it never shows."
            yield Finding("error", "content.activity", pk, one.name, problem, remedy)
            return
        overlap = f"{_day(max(start, from_))} to {_day(min(end, until))}"
        problem = f"“{other.name}” hides it from {overlap}."
        yield Finding("warning", "content.activity", pk, one.name, problem, remedy)


def _order(one: Showing) -> tuple[int, str]:
    return (-one.priority, one.key)


def _comes_before(other: Showing, one: Showing) -> bool:
    is_rival = other.key != one.key and other.placement == one.placement
    return is_rival and _order(other) < _order(one)


def _reaches(other: Showing, one: Showing) -> bool:
    """Whether everybody that `one` is for is somebody that `other` is for."""
    if other.segment is None:
        return True
    is_same_rule = other.rule is not None and other.rule == one.rule
    return one.segment is not None and is_same_rule


def _window(one: Showing, now: datetime) -> tuple[datetime, datetime]:
    return max(one.starts_at or now, now), one.ends_at or NEVER


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
