"""Redis keys, declared one prefix at a time so that none with personal data is forgotten."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import redis
from django.conf import settings

# redis-py types every reply as bytes or text, whatever the client is set to; ours are bytes.
RedisClient = Any

DECLARED: Final[dict[str, "Keyspace"]] = {}


@dataclass(frozen=True, slots=True)
class Keyspace:
    """A family of Redis keys that share a prefix.

    `personal`: whether a key or its value leads to a person; the system check then demands a
    personal-data store that covers the prefix. Declaring a prefix twice raises ValueError.
    """

    prefix: str
    personal: bool
    purpose: str = field(compare=False)

    def __post_init__(self) -> None:
        if self.prefix in DECLARED:
            raise ValueError(f"The Redis prefix {self.prefix!r} is declared twice.")
        DECLARED[self.prefix] = self

    def key(self, name: str | int) -> str:
        """Return the full key of one member."""
        return f"{self.prefix}:{name}"


@cache
def redis_connection() -> RedisClient:
    """Return this process's pooled client; replies are bytes, and waiting is bounded."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        protocol=2,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
    )


@cache
def patient_redis_connection() -> RedisClient:
    """Return a client for work that may wait: consumers, imports, erasure."""
    return redis.Redis.from_url(settings.REDIS_URL, protocol=2, socket_timeout=30)
