"""How texts are compared: without case and without surrounding blanks, alike in Python and SQL."""

from typing import Final

BLANKS: Final = " \t\r\n\u00a0"
# Latin, Greek and Cyrillic letters beyond ASCII. A fixed table, because what Python and a
# database call lower case depends on their versions and collations.
CAPITALS: Final = "".join(
    letter
    for code in (*range(0x80, 0x530), *range(0x1E00, 0x1F00))
    if len((letter := chr(code)).lower()) == 1 and letter.lower() != letter
)
SMALL: Final = "".join(letter.lower() for letter in CAPITALS)
_ASCII: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_FOLDED: Final = _ASCII | str.maketrans(CAPITALS, SMALL)


def fold(text: str) -> str:
    """Return the form of a text that is compared."""
    stripped = text.strip(BLANKS)
    return stripped.lower() if stripped.isascii() else stripped.translate(_FOLDED)
