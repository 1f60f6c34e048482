"""Sign news so that its receiver knows who sent it: Standard Webhooks 1.0, symmetric keys.

See https://www.standardwebhooks.com: the signature is an HMAC-SHA256 over "id.timestamp.body".
"""

import base64
import hashlib
import hmac
import os
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a secret as receivers write it into their settings."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def signed_headers(*, id: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that go with the body."""
    timestamp = str(int(now.timestamp()))
    message = b".".join((id.encode(), timestamp.encode(), body))
    digest = hmac.digest(_key(secret), message, hashlib.sha256)
    return {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
