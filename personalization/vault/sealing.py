"""Encrypt a value so that it opens only where it was put: AES-256-GCM, NIST SP 800-38D.

A sealed value is `format (1 byte) | length of the key id (1 byte) | key id | nonce (12) |
ciphertext and tag`. The key id and the place (table, column, row) are associated data: a sealed
value that is moved to another row, or put under another key's name, does not open.
"""

import os
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT: Final = 1
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
LONGEST_KEY_ID: Final = 255

Place = tuple[str, ...]


class UnknownKey(KeyError):
    """The key that sealed this is not there: it was destroyed, or is missing in VAULT_KEYS."""


class Tampered(ValueError):
    """The sealed value was changed, or stands where it was not put."""


def seal(plain: bytes, *, key_id: str, key: bytes, place: Place) -> bytes:
    """Return the value encrypted under `key` (32 bytes), bound to `place`."""
    header = _header(key_id)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, plain, _associated(header, place))


def unseal(sealed: bytes, *, key_of: Callable[[str], bytes], place: Place) -> bytes:
    """Return what was sealed at `place`; raises UnknownKey (from `key_of`) or Tampered."""
    key_id = key_id_of(sealed)
    header = _header(key_id)
    nonce = sealed[len(header) : len(header) + NONCE_BYTES]
    try:
        return AESGCM(key_of(key_id)).decrypt(
            nonce, sealed[len(header) + NONCE_BYTES :], _associated(header, place)
        )
    except (InvalidTag, ValueError) as error:
        raise Tampered(f"A sealed value does not open at {place[0]}.") from error


def key_id_of(sealed: bytes) -> str:
    """Return the id of the key that is needed; raises Tampered where there is none."""
    try:
        if sealed[0] != FORMAT:
            raise Tampered(f"Sealed values of format {sealed[0]} are not known.")
        key_id = sealed[2 : 2 + sealed[1]]
        if not key_id or len(key_id) != sealed[1]:
            raise Tampered("A sealed value is cut short.")
        return key_id.decode()
    except (IndexError, UnicodeDecodeError) as error:
        raise Tampered("A sealed value is cut short or was changed.") from error


def _header(key_id: str) -> bytes:
    written = key_id.encode()
    if not 0 < len(written) <= LONGEST_KEY_ID:
        raise ValueError(f"A key id has 1 to {LONGEST_KEY_ID} bytes.")
    return bytes((FORMAT, len(written))) + written


def _associated(header: bytes, place: Place) -> bytes:
    # Each part with its length before it, so that ("ab", "c") is not ("a", "bc").
    parts = [part.encode() for part in place]
    return header + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
