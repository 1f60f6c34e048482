"""May this be done with a person's data? Asked everywhere, answered from Redis, failing closed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

import redis

from consent.keyspaces import Keyspace, RedisClient, redis_connection
from consent.purposes import NECESSARY
from consent.subjects import Subject

logger = logging.getLogger(__name__)

CHOICES: Final = Keyspace("consent", personal=True, purpose="Current choices of each identifier")
SUPPRESSED: Final = Keyspace("suppressed", personal=True, purpose="When an identifier was erased")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a subject agreed to and what it refused; of other purposes nothing is known."""

    granted: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    @property
    def stated(self) -> frozenset[str]:
        """The purposes of which the subject said anything."""
        return self.granted | self.denied

    def allows(self, purpose: str) -> bool:
        """Return whether this may be done; what is not known is not allowed."""
        return purpose == NECESSARY or (purpose in self.granted and purpose not in self.denied)

    def granted_only_by(self, own: "Choices") -> "Choices":
        """Return these choices with nobody else's grants; refusals of all count."""
        denied = self.denied | own.denied
        return Choices((self.granted & own.granted) - denied, denied)

    def refusing(self, purposes: frozenset[str]) -> "Choices":
        """Return these choices with some purposes refused on top."""
        return Choices(self.granted - purposes, self.denied | purposes)


UNKNOWN: Final = Choices()


def is_allowed(subject: Subject, purpose: str) -> bool:
    """Return whether this may be done with the subject's data; False when it cannot be known."""
    return purpose == NECESSARY or choices_of(subject).allows(purpose)


def choices_of(subject: Subject) -> Choices:
    """Return the subject's choices in one read; while Redis is down nothing is granted."""
    try:
        return choices_of_many([subject])[0]
    except redis.RedisError as error:
        logger.warning("Consent cannot be checked, so it is denied: %s", error)
        return UNKNOWN


def choices_of_many(
    subjects: Sequence[Subject], *, connection: RedisClient | None = None
) -> list[Choices]:
    """Return the choices of each subject in one round trip.

    Raises redis.RedisError: whoever asks for many can wait and ask again, and must drop nothing
    only because the answer is late.
    """
    return choices_behind([subject.pseudonyms for subject in subjects], connection=connection)


def choices_behind(
    people: Sequence[Sequence[str]], *, connection: RedisClient | None = None
) -> list[Choices]:
    """Return the choices of each of several people, known by all their pseudonyms.

    One round trip. Raises redis.RedisError.
    """
    keys = [CHOICES.key(pseudonym) for pseudonyms in people for pseudonym in pseudonyms]
    values = (connection or redis_connection()).mget(keys) if keys else ()
    chosen = iter([_chosen(value) for value in values])
    return [_combined(tuple(islice(chosen, len(pseudonyms)))) for pseudonyms in people]


def choice_keys(subject: Subject) -> list[str]:
    """Return the Redis keys whose values `read_choices` reads."""
    return [CHOICES.key(pseudonym) for pseudonym in subject.pseudonyms]


def read_choices(raw: Sequence[bytes | None]) -> Choices:
    """Combine the choices of one subject's identifiers: a refusal under any of them counts.

    A value reads `<record id> +analytics -advertising`; what is neither + nor - grants nothing.
    """
    return _combined(tuple(map(_chosen, raw)))


def _chosen(value: bytes | None) -> bytes:
    return value.partition(b" ")[2] if value else b""


# Without their record ids the values are few: what people can choose.
@lru_cache(maxsize=1_000)
def _combined(chosen: tuple[bytes, ...]) -> Choices:
    words = b" ".join(chosen).decode().split()
    granted = frozenset(word[1:] for word in words if word[0] == "+")
    denied = frozenset(word[1:] for word in words if word[0] == "-")
    return Choices(granted - denied, denied)


def suppressed_since_many(pseudonyms: Sequence[str]) -> list[float | None]:
    """Return when each was erased, in epoch seconds; None: it was not. Raises redis.RedisError."""
    if not pseudonyms:
        return []
    held = redis_connection().mget([SUPPRESSED.key(pseudonym) for pseudonym in pseudonyms])
    return [float(value) if value else None for value in held]
