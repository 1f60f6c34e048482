"""The keys that settings state, and what is derived from them."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from personalization.vault.sealing import KEY_BYTES, UnknownKey

KEY_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")
HOW: Final = (
    "VAULT_KEYS is a list of key-id:key, the current one first; a key is 32 random bytes in base64."
)


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """All keys that may still be needed; `current` names the one that new values are put under."""

    current: str
    secrets: Mapping[str, bytes] = field(repr=False)

    def derived(self, key_id: str, purpose: str) -> bytes:
        """Return the key for one purpose (HKDF-SHA256, RFC 5869); raises UnknownKey."""
        if key_id not in self.secrets:
            raise UnknownKey(f"VAULT_KEYS has no key {key_id!r}.")
        return _derive(self.secrets[key_id], purpose)


def master_keys() -> MasterKeys:
    """Return the keys as settings state them now; raises ImproperlyConfigured."""
    return _read(tuple(settings.VAULT_KEYS))


@cache
def _read(stated: Sequence[str]) -> MasterKeys:
    secrets: dict[str, bytes] = {}
    for one in stated:
        key_id, _, encoded = one.strip().partition(":")
        if not KEY_ID.fullmatch(key_id) or key_id in secrets:
            raise ImproperlyConfigured(f"{HOW} A key id is missing, odd or stated twice.")
        secrets[key_id] = _secret(encoded)
    if not secrets:
        raise ImproperlyConfigured(f"{HOW} There is none.")
    return MasterKeys(next(iter(secrets)), secrets)


def _secret(encoded: str) -> bytes:
    try:
        secret = base64.b64decode(encoded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        # Not from the error: it could quote the key.
        raise ImproperlyConfigured(f"{HOW} One is not base64.") from error
    if len(secret) != KEY_BYTES:
        raise ImproperlyConfigured(f"{HOW} One has {len(secret)} bytes.")
    return secret


@cache
def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"vault:{purpose}".encode()).derive(secret)
