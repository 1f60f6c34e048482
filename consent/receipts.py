"""Receipts of fulfilled requests: chained, signed, and without personal data."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection

from consent.models.requests import PrivacyRequest, Receipt

GENESIS: Final = "0" * 64
# Any number will do, as long as all who issue receipts use the same.
LOCK: Final = 0x7265_6365_6970_74


def issue(
    request: PrivacyRequest, *, outcome: str, stores: list[dict[str, Any]], now: datetime
) -> Receipt:
    """Append the receipt of this run to the chain; call it in a transaction.

    Raises IntegrityError where the run already has a receipt.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = Receipt.objects.order_by("-pk").first()
    previous_hash = last.hash if last else GENESIS
    body = _body(request, outcome=outcome, stores=stores, now=now)
    digest = _hash(body, previous_hash)
    return Receipt.objects.create(
        request=request,
        run=request.run,
        body=body,
        previous_hash=previous_hash,
        hash=digest,
        signature=_signature(digest),
        issued_at=now,
    )


def broken_receipts() -> Iterator[str]:
    """Yield, for each receipt that was tampered with or lost its predecessor, what is wrong."""
    previous_hash = GENESIS
    for receipt in Receipt.objects.order_by("pk").iterator():
        if receipt.previous_hash != previous_hash:
            yield f"{receipt} does not follow the receipt before it."
        if receipt.hash != _hash(receipt.body, receipt.previous_hash):
            yield f"{receipt} was changed after it was issued."
        if not hmac.compare_digest(receipt.signature, _signature(receipt.hash)):
            yield f"{receipt} was not signed with this installation's key."
        previous_hash = receipt.hash


def _body(
    request: PrivacyRequest, *, outcome: str, stores: list[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    return {
        "request": str(request.pk),
        "type": request.type,
        "regulation": request.regulation,
        "run": request.run,
        "outcome": outcome,
        "received_at": request.received_at.isoformat(),
        "started_at": request.started_at.isoformat() if request.started_at else None,
        "finished_at": now.isoformat(),
        "stores": stores,
    }


def _hash(body: Mapping[str, Any], previous_hash: str) -> str:
    canonical = json.dumps([previous_hash, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _signature(digest: str) -> str:
    return hmac.digest(settings.RECEIPT_KEY.encode(), digest.encode(), hashlib.sha256).hex()
