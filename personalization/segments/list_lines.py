"""The lines of what marketers paste or upload, and the records of a table, which may be longer."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

MARK: Final = b"\xef\xbb\xbf"
LONGEST_RECORD: Final = 1 << 16  # characters
NOT_CLOSED: Final = "A quote begins a cell here and is not closed. Remove it, or double it."
# What other files than text begin with.
FORMATS: Final[Mapping[bytes, str]] = {
    b"PK\x03\x04": "It is a workbook or an archive",
    b"\xd0\xcf\x11\xe0": "It is an old workbook",
    b"\xff\xfe": "It is text in UTF-16",
    b"\xfe\xff": "It is text in UTF-16",
    b"\x1f\x8b": "It is compressed",
    b"%PDF": "It is a PDF",
    b"{": "It is JSON",
    b"[": "It is JSON",
    b"<!": "It is a web page",
    b"<html": "It is a web page",
    b"<?": "It is XML",
}
SAVE_AS: Final = "Save it as “CSV UTF-8”, and upload that."


class Unfit(Exception):
    """This cannot be read as a list; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """Some text, and the line that it begins in."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that is no identifier, at its line, and why."""

    line: int
    reason: str


def text_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """Yield the lines without their ends; raises Unfit where the first shows another format.

    What is not UTF-8 becomes U+FFFD, so that the cells beside it can be read.
    """
    number = 0
    for raw in lines:
        start = raw.removeprefix(MARK) if number == 0 else raw
        if number == 0:
            _refuse_other_formats(start)
        # A lone carriage return ends a line as well.
        for part in start.splitlines() or [b""]:
            number += 1
            yield Line(number, part.decode(errors="replace"))


class LinesLeft:
    """The lines that are still to be read; some of them may have been looked at."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._coming = iter(lines)
        self._seen: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        while line := self.next():
            yield line

    def next(self) -> Line | None:
        """Return the next line; None at the end."""
        return self._seen.popleft() if self._seen else next(self._coming, None)

    def give_back(self, record: Line) -> None:
        """Let the lines of this record be read again."""
        parts = enumerate(record.text.split("\n"), start=record.number)
        self._seen.extendleft(reversed([Line(number, text) for number, text in parts]))

    def record_from(self, opened: Line, *, separators: str) -> Line | None:
        """Return the record that begins with this line; None where it has no end.

        A cell in quotes may go on over several lines, up to 65,536 characters.
        """
        if _is_closed(opened.text, separators):
            return opened
        parts, size = [opened.text], len(opened.text)
        for line in self._further():
            parts.append(line.text)
            size += len(line.text) + 1
            if size > LONGEST_RECORD:
                return None
            # Only a quote can close it: to look at the whole each time would take for ever.
            if '"' in line.text and _is_closed(whole := "\n".join(parts), separators):
                for _ in parts[1:]:
                    self._seen.popleft()
                return Line(opened.number, whole)
        return None

    def _further(self) -> Iterator[Line]:
        yield from tuple(self._seen)
        for line in self._coming:
            self._seen.append(line)
            yield line


def records(left: LinesLeft, *, separators: str) -> Iterator[Line | Refused]:
    """Yield the records of a table; a line that opens one without an end is refused alone."""
    for line in left:
        whole = left.record_from(line, separators=separators)
        yield whole or Refused(line.number, NOT_CLOSED)


def _refuse_other_formats(start: bytes) -> None:
    for sign, said in FORMATS.items():
        if start.lstrip().startswith(sign):
            raise Unfit(f"{said}, not a list. {SAVE_AS}")
    if b"\0" in start:
        raise Unfit(f"It is no text. {SAVE_AS}")


def _is_closed(record: str, separators: str) -> bool:
    return '"' not in record or _closed(separators).fullmatch(record) is not None


@cache
def _closed(separators: str) -> re.Pattern[str]:
    """Return what matches a record without a quote that is open at its end."""
    apart = re.escape(separators)
    quoted = rf'"(?:[^"]|"")*+"[^{apart}]*+'
    cell = rf'[ ]*+(?:{quoted}|[^{apart}"][^{apart}]*+|)'
    return re.compile(rf"{cell}(?:[{apart}]{cell})*+")
