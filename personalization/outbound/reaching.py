"""Reach addresses that people have typed in, without reaching into our own network.

An address that resolves to a private, loopback or link-local one is refused before a connection is
made, and asked of the connection again once it stands: a name may resolve differently twice.
`settings.CONNECTOR_NETWORKS` names private networks that may be reached.
"""

import ipaddress
import socket
from typing import Any, Final

import certifi
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager
from urllib3.util import Timeout

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 30.0
MOST_REDIRECTS: Final = 3


class ForbiddenAddress(OSError):
    """The address is in our own network."""


def safe_session() -> requests.Session:
    """Return a session that reaches public addresses only, and waits for a bounded time."""
    session = requests.Session()
    session.trust_env = False  # neither proxies nor passwords of the machine it runs on
    session.max_redirects = MOST_REDIRECTS
    if settings.CONNECTOR_CA_FILE:
        session.verify = settings.CONNECTOR_CA_FILE
    for scheme in ("https://", "http://"):
        session.mount(scheme, _GuardedAdapter())
    return session


def safe_pool() -> PoolManager:
    """Return a urllib3 pool with the same limits, for clients that bring their own requests."""
    pool = PoolManager(
        timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        retries=False,
        ca_certs=settings.CONNECTOR_CA_FILE or certifi.where(),
    )
    pool.pool_classes_by_scheme = GUARDED
    return pool


def reason_of(error: Exception) -> str:
    """Return a sentence for what went wrong, without the address: it may hold a secret."""
    if "ForbiddenAddress" in repr(error):
        return "This address is in our own network, which is not reached. See CONNECTOR_NETWORKS."
    for kind, sentence in REASONS:
        if isinstance(error, kind):
            return sentence
    return "It cannot be reached."


REASONS: Final[tuple[tuple[type[requests.RequestException], str], ...]] = (
    (requests.exceptions.SSLError, "Its certificate is not valid."),
    (requests.Timeout, "It did not answer in time."),
    (requests.TooManyRedirects, "It redirects too often."),
)


def _refuse_own_network(address: str) -> None:
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    allowed = (ipaddress.ip_network(network) for network in settings.CONNECTOR_NETWORKS)
    is_public = ip.is_global and not ip.is_multicast
    if not is_public and not any(ip in network for network in allowed):
        raise ForbiddenAddress("ForbiddenAddress")


def _guarded(host: str, port: int | None, connect: Any) -> socket.socket:
    for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        _refuse_own_network(str(found[4][0]))
    connected: socket.socket = connect()
    try:
        _refuse_own_network(connected.getpeername()[0])
    except ForbiddenAddress:
        connected.close()
        raise
    return connected


class _GuardedHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _guarded(self.host, self.port, super()._new_conn)


class _GuardedHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _guarded(self.host, self.port, super()._new_conn)


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


GUARDED: Final = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = GUARDED

    def send(  # type: ignore[override]  # whatever else there is, is passed on
        self, request: requests.PreparedRequest, **how: Any
    ) -> requests.Response:
        """Send, and wait no longer than we would."""
        how["timeout"] = how.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        try:
            return super().send(request, **how)
        except ForbiddenAddress as error:
            raise requests.ConnectionError(error, request=request) from error
