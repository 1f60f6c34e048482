"""A system to ask: a real server over TLS that answers from a list, and remembers what it got."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import LazySettings

Reply = tuple[int, Any, dict[str, str]]


@dataclass(frozen=True)
class Got:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class System:
    """What it answers, in turn, to paths that contain a text; and what it was asked."""

    url: str
    replies: list[tuple[str, Reply]] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)

    def answers(
        self, path: str, body: Any, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Answer the next request whose path contains this text."""
        self.replies.append((path, (status, body, headers or {})))

    def reply_to(self, path: str) -> Reply:
        """Return the first reply that fits, and forget it."""
        for index, (wanted, reply) in enumerate(self.replies):
            if wanted in path:
                del self.replies[index]
                return reply
        return 404, {"error": f"nothing recorded for {path}"}, {}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def system(certificate: Path, settings: LazySettings) -> Iterator[System]:
    """Serve a system on this machine, and let connectors reach it."""
    known = System("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(known))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    known.url = f"https://127.0.0.1:{server.server_port}"
    settings.CONNECTOR_NETWORKS = ["127.0.0.0/8"]
    settings.CONNECTOR_CA_FILE = str(certificate)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(system: System) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length).decode()
            system.got.append(Got(self.command, self.path, dict(self.headers), body))
            status, said, headers = system.reply_to(self.path)
            sent = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(sent)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = _answer  # noqa: N815  # as the base class calls them

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler
