"""The members of a segment as CSV, a line at a time."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from personalization.identifiers.kinds import current_kinds
from personalization.segments.history import record
from personalization.segments.members import Member

# What a spreadsheet takes for the start of a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def export_members(
    members: Iterable[Member], *, key: str, purpose: str, by: str, now: datetime
) -> Iterator[str]:
    """Yield the lines of the file; the segment's history tells how many were given to whom."""
    written, kinds = 0, current_kinds().keys
    try:
        yield _line(("profile", *kinds, "country"))
        for member in members:
            yield _line(_cells(member, kinds))
            written += 1
    finally:
        # Also where whoever asked hung up half-way.
        said = f"{written:,} members exported as CSV, for the purpose “{purpose}”."
        record(key=key, said=said, by=by, now=now)


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cells(member: Member, kinds: Sequence[str]) -> list[str]:
    names: dict[str, str] = {}
    for kind, pseudonym in member.identifiers:
        names.setdefault(kind, pseudonym)
    return [str(member.profile_id), *(names.get(kind, "") for kind in kinds), member.country]


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(harmless(cell) for cell in cells)
    return line.getvalue()
