"""Tell one destination something: a signed request to a webhook, a file to a storage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from personalization.activation.confiding import secret_of
from personalization.activation.models import Destination
from personalization.activation.signing import signed_headers
from personalization.outbound.reaching import reason_of, safe_pool, safe_session
from personalization.vault.sealing import Tampered, UnknownKey

TIMEOUT: Final = (5.0, 15.0)
EXCERPT: Final = 500
OK: Final = range(200, 300)
STORED: Final = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try; `excerpt` is what the other side said, or why it was not reached."""

    delivered: bool
    code: int | None
    excerpt: str


def tell(destination: Destination, *, id: str, body: Mapping[str, Any], now: datetime) -> Outcome:
    """Tell a destination; whatever goes wrong is the outcome, and nothing is raised.

    `id` is the same at each try, so that the other side may ignore what it knows already.
    """
    try:
        secret = secret_of(destination)
    except (UnknownKey, Tampered) as error:
        return Outcome(delivered=False, code=None, excerpt=f"Its secret does not open: {error}")
    return TELL[destination.kind](destination, secret, id, orjson.dumps(body), now)


def put_file(destination: Destination, *, name: str, data: bytes, secret: str) -> Outcome:
    """Put a file into the destination's folder; a file of the same name is replaced."""
    address = urlsplit(destination.url)
    client = Minio(
        address.netloc,
        access_key=destination.access_key,
        secret_key=secret,
        secure=address.scheme == "https",
        region=destination.region or None,
        http_client=safe_pool(),
    )
    folder = destination.prefix.strip("/")
    path = f"{folder}/{name}" if folder else name
    try:
        client.put_object(destination.bucket, path, BytesIO(data), len(data))
    except S3Error as error:
        code = error.response.status if error.response else None
        return Outcome(delivered=False, code=code, excerpt=f"{error.code}: {error.message}")
    except (MinioException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return Outcome(delivered=False, code=None, excerpt=reason_of(error))
    return Outcome(delivered=True, code=STORED, excerpt=path[:EXCERPT])


def _post(destination: Destination, secret: str, id: str, body: bytes, now: datetime) -> Outcome:
    headers = signed_headers(id=id, body=body, secret=secret, now=now)
    headers |= {"Content-Type": "application/json", "User-Agent": "personalization-webhooks/1"}
    try:
        with (
            safe_session() as session,
            session.post(
                destination.url,
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                # An answer could lead into our own network, and to whoever must not be told.
                allow_redirects=False,
                stream=True,
            ) as answer,
        ):
            said = answer.raw.read(EXCERPT, decode_content=True).decode(errors="replace")
            return Outcome(
                answer.status_code in OK, answer.status_code, said.replace("\0", "")[:EXCERPT]
            )
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        return Outcome(delivered=False, code=None, excerpt=reason_of(error))


def _put(destination: Destination, secret: str, id: str, body: bytes, now: datetime) -> Outcome:
    kind = orjson.loads(body)["type"]
    return put_file(destination, name=f"{kind}/{id}.json", data=body, secret=secret)


TELL: Final[Mapping[str, Callable[[Destination, str, str, bytes, datetime], Outcome]]] = {
    Destination.Kind.WEBHOOK: _post,
    Destination.Kind.BUCKET: _put,
}
