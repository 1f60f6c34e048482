"""Bound how much one sender asks for in a minute, without asking Redis each time.

A process takes portions from the count in Redis, a hundredth of the limit at once, and spends them
by itself. So the limit is never exceeded, and may be reached early by what other processes hold.
"""

import hashlib
import hmac
import ipaddress
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

import redis
from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from consent.keyspaces import Keyspace, redis_connection
from consent.proving import client_address
from personalization.access.models import ApiKey

if TYPE_CHECKING:  # views read this module's classes while they are themselves being imported
    from rest_framework.views import APIView

ASKED: Final = Keyspace("asked", personal=False, purpose="How much a sender asked in a minute")
WINDOW_SECONDS: Final = 60
PORTIONS: Final = 100
REMEMBERED: Final = 10_000
EXHAUSTED: Final = -1
# The provider of one household or office hands it at least this network of IPv6.
NETWORK_BITS: Final = 64
# Everybody can read such a key on a page: what one visitor does with it must not shut out others.
PUBLIC_SCOPES: Final = frozenset({"collect"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who is counted, and how many requests a minute it may send; 0 is no limit."""

    name: str
    limit: int


@dataclass(slots=True)
class Spending:
    """What this process holds of each sender's allowance in one minute."""

    minute: int = 0
    left: dict[str, int] = field(default_factory=dict)


_spending = Spending()
_lock = Lock()


class RequestThrottle(BaseThrottle):
    """Count by key where the key is secret, and by address where everybody has it or there is none.

    A server speaks for many visitors, so its address says nothing; a page speaks for one.
    """

    def __init__(self) -> None:
        """Nothing to wait for yet."""
        self.seconds: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Return whether the sender has not exceeded its limit."""
        key = request.auth if isinstance(request.auth, ApiKey) else None
        self.seconds = seconds_to_wait(sender_of(request, key), now=time.time())
        return self.seconds is None

    def wait(self) -> float | None:
        """Return in how many seconds to come back, for Retry-After."""
        return self.seconds


def sender_of(request: Request | HttpRequest, key: ApiKey | None) -> Sender:
    """Return who is to be counted."""
    if key is not None and not set(key.scopes) <= PUBLIC_SCOPES:
        return Sender(f"key:{key.prefix}", settings.REQUESTS_A_MINUTE_BY_KEY)
    address = _network(client_address(request.META))
    return Sender(f"address:{address}", settings.REQUESTS_A_MINUTE_BY_ADDRESS)


def seconds_to_wait(sender: Sender, *, now: float) -> float | None:
    """Count a request; return after how many seconds to come back, None where it may pass.

    Nobody is shut out while Redis is away. now: seconds since 1970.
    """
    if not sender.limit:
        return None
    minute = int(now // WINDOW_SECONDS)
    if _spend(sender, minute) or _take(sender, minute):
        return None
    return (minute + 1) * WINDOW_SECONDS - now


def forget_spending() -> None:
    """Hold no allowance any more."""
    with _lock:
        _spending.left = {}


def _spend(sender: Sender, minute: int) -> bool:
    """Return whether this process held an allowance."""
    with _lock:
        held = _held(minute)
        left = held.get(sender.name, 0)
        if left > 0:
            held[sender.name] = left - 1
        return left > 0


def _take(sender: Sender, minute: int) -> bool:
    """Take a portion from the common count; return whether there was any, and spend one of it."""
    with _lock:
        if _held(minute).get(sender.name) == EXHAUSTED:
            return False
    granted = _granted(sender, minute)
    with _lock:
        held = _held(minute)
        held[sender.name] = held.get(sender.name, 0) + granted - 1 if granted else EXHAUSTED
    return granted > 0


def _held(minute: int) -> dict[str, int]:
    # Senders of a former minute are forgotten, and many addresses must not fill the memory.
    if _spending.minute != minute or len(_spending.left) >= REMEMBERED:
        _spending.minute, _spending.left = minute, {}
    return _spending.left


def _granted(sender: Sender, minute: int) -> int:
    portion = max(1, sender.limit // PORTIONS)
    key = ASKED.key(_digest(sender, minute))
    try:
        pipeline = redis_connection().pipeline(transaction=False)
        pipeline.incrby(key, portion)
        pipeline.expire(key, 2 * WINDOW_SECONDS)
        total = int(pipeline.execute()[0])
    except redis.RedisError:
        return portion
    return max(0, min(portion, sender.limit - (total - portion)))


def _digest(sender: Sender, minute: int) -> str:
    # Other than last minute's, so that no address can be followed.
    message = f"asked:{minute}:{sender.name}".encode()
    return hmac.digest(settings.PSEUDONYM_KEY.encode(), message, hashlib.sha256).hex()[:32]


def _network(address: str) -> str:
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address}/{NETWORK_BITS}", strict=False))
    except ValueError:
        return address
