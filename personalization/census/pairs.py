"""Facts that are kept as two numbers: places, and what hangs on the second it is asked at.

What a visit or a sequence is changes from one second to the next, but it follows from numbers that
stay: when the visit had its latest act, until when a step can be followed. These are kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from personalization.profiles.visits import SESSION_SECONDS
from personalization.rules.geography import Point
from personalization.rules.reading import Known
from personalization.rules.reading_acts import (
    FOLLOWED,
    FOLLOWED_BEFORE,
    NOT_FOLLOWED,
    PENDING,
    SECONDS_PER_MINUTE,
    steps,
)
from personalization.rules.sql import Reading, Sql, filled
from personalization.rules.tree import Fact

Two = tuple[float | None, float | None]
MISSING: Final[Two] = (None, None)


@dataclass(frozen=True, slots=True)
class Pair:
    """How a fact becomes two numbers, and how it is read from their columns at a moment."""

    keep: Callable[[Fact, Known], Two]
    read: Callable[[Sql, Sql, datetime], Reading]


def pair_of(fact: Fact) -> Pair | None:
    """Return how a fact that hangs on the second is kept; None: it does not, or is not kept."""
    return PAIRS.get((fact.kind, fact.name)) or PAIRS.get((fact.kind, None))


def _keep_place(fact: Fact, known: Known) -> Two:
    place = known.value(fact)
    return (place.latitude, place.longitude) if isinstance(place, Point) else MISSING


def _read_place(latitude: Sql, longitude: Sql, _: datetime) -> Reading:
    return Reading(latitude=latitude, longitude=longitude)


# A place is the same all day.
PLACE: Final = Pair(_keep_place, _read_place)


def _keep_steps(fact: Fact, known: Known) -> Two:
    found = steps(fact, known.facts, known.today)
    return MISSING if found is None else (float(found[0]), found[1])


STANDING: Final = f"""(CASE WHEN {{followed}} IS NULL THEN NULL
 WHEN {{until}} IS NULL THEN '{FOLLOWED}'
 WHEN {{until}} < {{now}}
  THEN CASE WHEN {{followed}} = 1 THEN '{FOLLOWED_BEFORE}' ELSE '{NOT_FOLLOWED}' END
 ELSE CASE WHEN {{followed}} = 1 THEN '{FOLLOWED}' ELSE '{PENDING}' END END)"""


def _read_steps(followed: Sql, until: Sql, now: datetime) -> Reading:
    return Reading(text=filled(STANDING, followed=followed, until=until, now=_seconds(now)))


def _keep_of_visit(name: str) -> Callable[[Fact, Known], Two]:
    def keep(_: Fact, known: Known) -> Two:
        visit: Mapping[str, Any] = known.facts.get("session") or {}
        return (visit[name], visit["last"]) if visit else MISSING

    return keep


def _keep_acts_of_visit(fact: Fact, known: Known) -> Two:
    visit: Mapping[str, Any] = known.facts.get("session") or {}
    return (visit["types"].get(fact.name, 0), visit["last"]) if visit else MISSING


def _while_on(number: str) -> Callable[[Sql, Sql, datetime], Reading]:
    text = f"(CASE WHEN {{now}} - {{last}} <= {SESSION_SECONDS} THEN {number} ELSE 0 END)"
    return lambda kept, last, now: Reading(filled(text, kept=kept, last=last, now=_seconds(now)))


def _seconds(now: datetime) -> Sql:
    return Sql("%s::float8", (int(now.timestamp()),))


# By kind and name of the fact; None: whatever its name is.
PAIRS: Final[Mapping[tuple[str, str | None], Pair]] = {
    ("sequence", None): Pair(_keep_steps, _read_steps),
    ("session", "events"): Pair(_keep_of_visit("events"), _while_on("{kept}")),
    ("session", "minutes"): Pair(
        _keep_of_visit("started"),
        _while_on(f"GREATEST(0, floor(({{now}} - {{kept}}) / {SECONDS_PER_MINUTE}))"),
    ),
    ("in_session", None): Pair(_keep_acts_of_visit, _while_on("{kept}")),
}
