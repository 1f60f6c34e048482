"""Systems that call us: signed as the Standard Webhooks specification says.

https://www.standardwebhooks.com: headers webhook-id, webhook-timestamp and webhook-signature,
`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from django import forms

from personalization.connectors.connecting import Connector, register
from personalization.connectors.settings_forms import text_field

TOLERANCE_SECONDS: Final = 5 * 60
LONGEST_ID: Final = 64
PREFIX: Final = "whsec_"
VERSION: Final = "v1"


class NotSigned(Exception):
    """The delivery does not prove that it comes from the source."""


class WebhookForm(forms.Form):
    """Where the records are in what they send."""

    records_at = text_field(
        "Records",
        "Where the list of records is in the body, such as data. Empty: the body is one record,"
        " or a list of them.",
        required=False,
    )


@register
class WebhookConnector(Connector):
    """A source that sends what changed by itself, to /v1/sources/<key>."""

    key = "webhook"
    title = "Webhook"
    form = WebhookForm
    secret_help: ClassVar[str] = "The signing secret; one that begins with whsec_ is base64."  # noqa: S105  # words, no secret
    is_asked = False


def delivery_id(headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime) -> str:
    """Return the id of a delivery that is signed; raises NotSigned."""
    stated, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(stated) <= LONGEST_ID or not sent.isdecimal():
        raise NotSigned("webhook-id or webhook-timestamp is missing.")
    if abs(int(sent) - now.timestamp()) > TOLERANCE_SECONDS:
        raise NotSigned("webhook-timestamp is over five minutes away.")
    wanted = sign(stated, sent, body, secret=secret).encode()
    signatures = headers.get("webhook-signature", "").encode().split()
    # All are compared, so that the time it takes tells nothing.
    if not any([hmac.compare_digest(one, wanted) for one in signatures]):  # noqa: C419
        raise NotSigned("webhook-signature does not fit.")
    return stated


def sign(delivery: str, timestamp: str, body: bytes, *, secret: str) -> str:
    """Return the signature of a delivery."""
    message = f"{delivery}.{timestamp}.".encode() + body
    digest = hmac.digest(_key(secret), message, hashlib.sha256)
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise NotSigned("The secret of this source is not base64.") from error
