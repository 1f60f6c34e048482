"""The members of a segment as CSV, a line at a time."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from consent.subjects import KINDS
from personalization.segments.history import record
from personalization.segments.members import Member

HEADINGS: Final = ("profile", *KINDS, "country")
# What a spreadsheet takes for the start of a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def export_members(
    members: Iterable[Member], *, key: str, purpose: str, by: str, now: datetime
) -> Iterator[str]:
    """Yield the lines of the file; the segment's history tells how many were given to whom."""
    written = 0
    try:
        yield _line(HEADINGS)
        for member in members:
            yield _line(_cells(member))
            written += 1
    finally:
        # Also where whoever asked hung up half-way.
        said = f"{written:,} members exported as CSV, for the purpose “{purpose}”."
        record(key=key, said=said, by=by, now=now)


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cells(member: Member) -> list[str]:
    names: dict[str, str] = {}
    for kind, pseudonym in member.identifiers:
        names.setdefault(kind, pseudonym)
    return [str(member.profile_id), *(names.get(kind, "") for kind in KINDS), member.country]


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(harmless(cell) for cell in cells)
    return line.getvalue()
