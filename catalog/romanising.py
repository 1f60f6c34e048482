"""Names of any alphabet in letters from a to z, distinct where the names are."""

import unicodedata
from hashlib import blake2b
from typing import Final

from anyascii import anyascii

MARK_BYTES: Final = 2


def romanised(name: str) -> str:
    """Return the name in ASCII: "Größe" is "Grosse", "購入" is "GouRu 4c1f".

    What is not Latin gets a mark of its own, as many names are romanised to the same letters.
    """
    written = anyascii(name)
    if all(_is_latin(sign) for sign in name):
        return written
    return f"{written} {mark(name)}"


def mark(name: str) -> str:
    """Return a few signs that stand for exactly this name."""
    normal = unicodedata.normalize("NFC", name.strip()).casefold()
    return blake2b(normal.encode(), digest_size=MARK_BYTES).hexdigest()


def _is_latin(sign: str) -> bool:
    return not sign.isalpha() or unicodedata.name(sign, "").startswith(LATIN)


# Full-width letters, and the signs for "a" and "o" as in 1ª and 1º, are Latin too.
LATIN: Final = ("LATIN", "FULLWIDTH LATIN", "FEMININE", "MASCULINE", "MODIFIER LETTER")
