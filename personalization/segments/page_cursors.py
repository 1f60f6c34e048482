"""Where a list of members goes on, in a form that says nothing and cannot be made up."""

from dataclasses import dataclass
from typing import Final

from django.core.signing import BadSignature, TimestampSigner

# Whoever comes back later begins again: by then fewer than ten may be left.
GOOD_FOR: Final = 24 * 60 * 60  # seconds


class UnknownCursor(ValueError):
    """It was not given for this list, or too long ago."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everybody up to the profile `position` was looked at; `found` of them may be named.

    `found` counts up to what makes a list long enough, and stays there.
    """

    position: int = 0
    found: int = 0


def written(cursor: Cursor, *, about: str) -> str:
    """Return the cursor as text, good for a day and for this list only.

    How many were found is in the signature and not in the text: a small number is what must not
    be told.
    """
    return _signer(about, cursor.found).sign(str(cursor.position))


def read_cursor(text: str, *, about: str, most: int) -> Cursor:
    """Return what was written, with at most so many found; raises UnknownCursor."""
    for found in range(most + 1):
        try:
            position = _signer(about, found).unsign(text, max_age=GOOD_FOR)
        except BadSignature:
            continue
        return Cursor(int(position), found)
    raise UnknownCursor("Use `next_after` of the last page, or begin again without it.")


def _signer(about: str, found: int) -> TimestampSigner:
    return TimestampSigner(sep="~", salt=f"members/{about}/{found}")
