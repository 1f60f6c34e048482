"""Who agreed that their events are kept: asked before anything waits in the stream.

Most events are of people who sent some a moment ago. What their choice was is remembered, and the
stream takes the events only while it still stands, in the same step; so nobody's withdrawal is
ever late, and the usual batch asks Redis once instead of twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consent.checking import CHOICES, read_choices
from consent.keyspaces import redis_connection
from consent.proving import MECHANISM_VOUCHED
from consent.recording import record_missing
from consent.subjects import Subject, pseudonyms_of_many

REMEMBERED: Final = 20_000

Who = tuple[str, str]  # anonymous id, user id
Held = dict[str, bytes]  # what stood under each Redis key; nothing is b""

_agreed: dict[Who, Held] = {}


@dataclass(slots=True)
class Agreed:
    """Who agreed; `relied_on` must still stand when this is acted upon."""

    people: set[Who] = field(default_factory=set)
    relied_on: Held = field(default_factory=dict)


def who_agreed(
    people: Iterable[Who],
    *,
    vouched: frozenset[str] = frozenset(),
    now: datetime,
    from_memory: bool = False,
) -> Agreed:
    """Return those of whom events may be kept; nobody is not among them.

    `vouched`: purposes to which the sender obtained consent of people unknown here. `from_memory`:
    whoever asks makes sure that `relied_on` still stands. Raises redis.RedisError.
    """
    named = [person for person in dict.fromkeys(people) if person[0] or person[1]]
    if vouched:
        subjects = [Subject.of(anonymous_id=one, user_id=other) for one, other in named]
        record_missing(subjects=subjects, purposes=vouched, mechanism=MECHANISM_VOUCHED, now=now)
    agreed = Agreed()
    unknown = _recall(named, agreed) if from_memory else named
    for person, held in zip(unknown, _read(unknown), strict=True):
        if _is_agreement(held):
            agreed.people.add(person)
            _remember(person, held)
        else:
            _agreed.pop(person, None)
    return agreed


def _recall(named: Sequence[Who], agreed: Agreed) -> list[Who]:
    """Note who is remembered to have agreed, and return the others."""
    unknown = []
    for person in named:
        held = _agreed.get(person)
        if held is None or not _goes_with(held, agreed.relied_on):
            unknown.append(person)
        else:
            agreed.people.add(person)
    return unknown


def _goes_with(held: Held, relied_on: Held) -> bool:
    """Rely on this as well; False where the same key was remembered otherwise."""
    for key, value in held.items():  # noqa: SIM110  # a generator costs more
        if relied_on.setdefault(key, value) != value:
            return False
    return True


def _read(people: Sequence[Who]) -> list[Held]:
    keys = [[CHOICES.key(one) for one in known_by] for known_by in pseudonyms_of_many(people)]
    flat = [key for of_one in keys for key in of_one]
    values = iter(redis_connection().mget(flat) if flat else ())
    return [{key: next(values) or b"" for key in of_one} for of_one in keys]


def _is_agreement(held: Held) -> bool:
    chosen = read_choices(tuple(held.values()))
    return chosen.allows("analytics") or chosen.allows("personalization")


def _remember(person: Who, held: Held) -> None:
    if len(_agreed) >= REMEMBERED:
        for oldest in list(_agreed)[: REMEMBERED // 10]:
            _agreed.pop(oldest, None)
    _agreed[person] = held
