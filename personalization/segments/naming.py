"""What may stand in names and descriptions."""

import unicodedata
from typing import Final

# Control characters, line and paragraph separators, and halves of characters.
UNSEEN: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})
# They turn the direction of the text around them, so that a name reads as another.
TURNING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
# Of a text of several lines.
LINES: Final = frozenset("\n\r\t")


def unseen_in(text: str, *, has_lines: bool = False) -> str:
    """Return what is wrong with a text that has characters nobody sees; nothing if all is well."""
    allowed = LINES if has_lines else frozenset()
    found = next((one for one in text if one not in allowed and _is_unseen(one)), None)
    if found is None:
        return ""
    return f"Remove the line break or character that cannot be seen (U+{ord(found):04X})."


def _is_unseen(one: str) -> bool:
    return one in TURNING or unicodedata.category(one) in UNSEEN
