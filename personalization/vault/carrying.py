"""Seal what an event says of a person, so that nothing of it waits in the stream in the clear."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from personalization.vault.master_keys import master_keys
from personalization.vault.sealing import seal, unseal


def seal_for_stream(values: Mapping[str, Any], *, message_id: str) -> bytes:
    """Return the values sealed for this message alone; nothing stated is an empty text."""
    if not values:
        return b""
    key_id = master_keys().current
    return seal(
        orjson.dumps(dict(values)),
        key_id=key_id,
        key=_message_key(key_id, message_id),
        place=_place(message_id),
    )


def open_from_stream(sealed: bytes, *, message_id: str) -> dict[str, Any]:
    """Return what `seal_for_stream` sealed; raises UnknownKey, Tampered."""
    if not sealed:
        return {}
    plain = unseal(
        sealed,
        key_of=lambda key_id: _message_key(key_id, message_id),
        place=_place(message_id),
    )
    values: dict[str, Any] = orjson.loads(plain)
    return values


def _message_key(key_id: str, message_id: str) -> bytes:
    # A key for each message: random nonces under one key would bound how many may be sealed.
    stream_key = master_keys().derived(key_id, "stream")
    return hmac.digest(stream_key, message_id.encode(), hashlib.sha256)


def _place(message_id: str) -> tuple[str, ...]:
    return ("stream", "sealed", message_id)
