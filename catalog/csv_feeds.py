"""CSV, one row at a time: a row is a line, or several where a quoted value has line breaks."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from catalog.feed_lines import FeedError, FeedLine
from catalog.feed_text import LONGEST_LINE, NOT_UTF8, TOO_LONG, Line, numbered_lines

DELIMITERS: Final = (",", ";", "\t")
# A quote that nobody closes must not swallow the rest of the file.
MOST_LINES_OF_A_ROW: Final = 200
UNCLOSED: Final = "is not a line of CSV: a quote in it is not closed"


def read_csv(file: IO[bytes]) -> Iterator[FeedLine]:
    """Yield the rows, each under the number of the line it begins in. Raises FeedError.

    Of a row that cannot be read the first line is refused, and the next is read as a row of its
    own: so a stray quote costs one row, wherever it stands.
    """
    source = _Source(numbered_lines(file))
    header = _header(source)
    delimiter = max(DELIMITERS, key=header.count)
    columns = [column.strip() for column in next(csv.reader([header], delimiter=delimiter))]
    while source.has_more:
        row = _row(source, columns, delimiter)
        if row is not None:
            yield row


@dataclass(slots=True)
class _Source:
    """Numbered lines that can be taken, and put back."""

    lines: Iterator[Line]
    returned: deque[Line] = field(default_factory=deque)

    @property
    def has_more(self) -> bool:
        if not self.returned:
            self.returned.extend(line for line in [next(self.lines, None)] if line)
        return bool(self.returned)

    def take(self) -> Line:
        return self.returned.popleft() if self.returned else next(self.lines)

    def put_back(self, lines: list[Line]) -> None:
        self.returned.extendleft(reversed(lines))


def _header(source: _Source) -> str:
    line = source.take().text if source.has_more else None
    if line is None:
        raise FeedError("The file has no first line with the names of the columns.")
    try:
        header = line.decode().strip()
    except UnicodeDecodeError as error:
        raise FeedError(f"The first line {NOT_UTF8}.") from error
    if "\0" in header:
        raise FeedError(f"The first line {NOT_UTF8}.")
    return header


def _row(source: _Source, columns: list[str], delimiter: str) -> FeedLine | None:
    taken: list[Line] = []
    first = source.take()
    source.put_back([first])
    try:
        values = next(csv.reader(_texts(source, taken), delimiter=delimiter, strict=True), [])
    except (csv.Error, UnicodeDecodeError) as error:
        return _refused(source, taken, first, _problem(error))
    if first.text is None:
        return _refused(source, [first], first, TOO_LONG)
    if not "".join(values).strip() and len(values) <= 1:
        return None
    if len(values) != len(columns):
        problem = f"has {len(values)} values for {len(columns)} columns"
        return _refused(source, taken, first, problem)
    # An empty cell states nothing.
    stated = {
        name.lower(): value for name, value in zip(columns, values, strict=True) if value.strip()
    }
    return FeedLine(first.number, stated, columns=columns)


def _texts(source: _Source, taken: list[Line]) -> Iterator[str]:
    """Yield lines for as long as the row asks for another, within bounds; note what was taken."""
    size = 0
    while source.has_more and len(taken) < MOST_LINES_OF_A_ROW and size < LONGEST_LINE:
        line = source.take()
        taken.append(line)
        if line.text is None:
            return
        size += len(line.text)
        try:
            text = line.text.decode()
        except UnicodeDecodeError:
            if len(taken) == 1:
                raise
            return
        yield text


def _refused(source: _Source, taken: list[Line], first: Line, problem: str) -> FeedLine:
    source.put_back(taken[1:])
    return FeedLine(first.number, {}, problem)


def _problem(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return NOT_UTF8
    if "unexpected end of data" in str(error):
        return UNCLOSED
    return f"is not a line of CSV: {error}"
