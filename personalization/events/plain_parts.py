"""The properties or the context of a usual event: flat, short, of texts, numbers and yes or no."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

# Together so small that no event of these can be too large, or its value.
MOST_FIELDS: Final = 20
LONGEST_TEXT: Final = 150
LARGEST_NUMBER: Final = 2**53

Plain = (
    Annotated[str, Meta(max_length=LONGEST_TEXT)]
    | Annotated[int, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
    | Annotated[float, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
    | bool
)
Part = Annotated[dict[str, Plain], Meta(max_length=MOST_FIELDS)] | None

_parts: Final = msgspec.json.Decoder(Part)


def plain_part(written: bytes) -> dict[str, Any] | None:
    """Return what the JSON of a part says; None where it takes a closer look."""
    try:
        part = _parts.decode(written)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return (part or {}) if says_nothing_twice(written, part) else None


def says_nothing_twice(written: bytes, read: Any) -> bool:
    """Return whether no name stands twice in an object of this JSON, in which no colon is escaped.

    What stands twice is read once, and nothing else makes colons fewer.
    """
    return msgspec.json.encode(read).count(b":") == written.count(b":")
