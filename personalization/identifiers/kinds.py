"""The identifier kinds as each process holds them, at most two seconds old.

Doors ask about every event, so nobody asks PostgreSQL: Redis has a copy, and a process looks at it
every two seconds. While Redis is away or has lost it, what was held stays; a process that has
never seen one goes by the kinds that every installation begins with.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

import orjson
import re2
import redis
from django.db import transaction

from consent.keyspaces import Keyspace, patient_redis_connection, redis_connection
from personalization.identifiers.models import FIXED, IdentifierKind
from personalization.identifiers.patterns import compile_patterns, lines_of

logger = logging.getLogger(__name__)

COPY: Final = Keyspace("identifier_kinds", personal=False, purpose="Kinds of identifiers")
CURRENT: Final = COPY.key("current")
FRESH_SECONDS: Final = 2.0
# Values that client libraries send when they have none; taken as ids they would fuse strangers.
NOBODY: Final = (r"[0\-\s]*", "null", "none", "undefined", "nan", "anonymous", "guest")
LAST: Final = 1_000
# A visitor comes with many events in a row. Addresses are looked at anew, and stay nowhere.
REMEMBERED: Final = 10_000
LONGEST_REMEMBERED: Final = 128


@dataclass(frozen=True)
class Kind:
    """One kind; the smallest `priority` names a person best."""

    key: str
    priority: int
    limit: int
    blocked: tuple[str, ...] = NOBODY

    @cached_property
    def _is_blocked(self) -> Callable[[str], bool]:
        nobody = compile_patterns(self.blocked)
        return lambda value: nobody.fullmatch(value.strip()) is not None

    @cached_property
    def _is_blocked_remembered(self) -> Callable[[str], bool]:
        return lru_cache(maxsize=REMEMBERED)(self._is_blocked)

    def names_nobody(self, value: str) -> bool:
        """Return whether the value stands for no one in particular."""
        if self.key in FIXED and len(value) <= LONGEST_REMEMBERED:
            return self._is_blocked_remembered(value)
        return self._is_blocked(value)


@dataclass(frozen=True, slots=True)
class Kinds:
    """All kinds, by key."""

    by_key: Mapping[str, Kind] = field(default_factory=dict)

    @classmethod
    def of(cls, kinds: Iterable[Kind]) -> "Kinds":
        """Return these kinds, the one that names a person best first."""
        return cls({kind.key: kind for kind in sorted(kinds, key=lambda kind: kind.priority)})

    @property
    def keys(self) -> tuple[str, ...]:
        """All kinds, the one that names a person best first."""
        return tuple(self.by_key)

    @property
    def further(self) -> tuple[str, ...]:
        """The kinds besides user and anonymous, the best first."""
        return tuple(key for key in self.by_key if key not in FIXED)

    def rank(self, key: str) -> int:
        """Return the priority; a kind that is no more comes last."""
        return self.by_key[key].priority if key in self.by_key else LAST

    def limit(self, key: str) -> int:
        """Return how many of it a profile may have; none more of a kind that is no more."""
        return self.by_key[key].limit if key in self.by_key else 0

    def names_nobody(self, key: str, value: str) -> bool:
        """Return whether the value is blocked for its kind."""
        return self.blocked(key)(value)

    def blocked(self, key: str) -> Callable[[str], bool]:
        """Return what tells whether a value is blocked for this kind."""
        kind = self.by_key.get(key)
        return kind.names_nobody if kind else lambda value: False


# As Segment has them: one account, one customer number, five of everything else.
DEFAULTS: Final = Kinds.of(
    [
        Kind("user", 1, 1),
        Kind("crm", 2, 1),
        Kind("email", 3, 5),
        Kind("phone", 4, 5),
        Kind("device", 5, 5),
        Kind("anonymous", 6, 5),
    ]
)


class _Holder:
    """The kinds of this process, swapped whole."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Hold what every installation begins with, and look at the next question."""
        self.kinds, self._document, self._look_at = DEFAULTS, b"", 0.0

    def current(self) -> Kinds:
        """Return the kinds, looked up anew where they may be stale."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + FRESH_SECONDS
            self._look()
        return self.kinds

    def _look(self) -> None:
        try:
            document = redis_connection().get(CURRENT)
            if document and document != self._document:
                self.kinds, self._document = _read(document), document
        except (redis.RedisError, ValueError, TypeError, re2.error) as error:
            logger.warning("Identifier kinds cannot be read; those held stay: %s", error)


_HOLDER: Final = _Holder()


def current_kinds() -> Kinds:
    """Return the kinds in force; never raises, asks no database."""
    return _HOLDER.current()


def forget_kinds() -> None:
    """Let this process look anew at the next question."""
    _HOLDER.forget()


def announce_kinds() -> None:
    """Copy the kinds to Redis, where every process looks. Raises redis.RedisError."""
    rows = IdentifierKind.objects.values_list("key", "priority", "limit", "blocked")
    document = [[key, rank, limit, lines_of(blocked)] for key, rank, limit, blocked in rows]
    patient_redis_connection().set(CURRENT, orjson.dumps(document))
    forget_kinds()


def announce_after_commit() -> None:
    """Announce once the change is safe; what fails is made up for by beat within a minute."""
    transaction.on_commit(announce_kinds, robust=True)


def _read(document: bytes) -> Kinds:
    kinds = [
        Kind(key, rank, limit, tuple(rest)) for key, rank, limit, rest in orjson.loads(document)
    ]
    for kind in kinds:
        kind.names_nobody("")
    return Kinds.of(kinds)
