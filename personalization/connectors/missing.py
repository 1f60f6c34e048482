"""Columns that a mapping names and the source does not have: a misspelling, most often."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import Any, Final

from catalog.feed_lines import FeedLine
from personalization.connectors.converting import look_up
from personalization.connectors.mapping import MappingError, SourceMapping

MOST_SHOWN: Final = 20


class Sought:
    """Which of a mapping's columns no row has named so far."""

    def __init__(self, mapping: SourceMapping) -> None:
        self.missing: dict[str, str] = dict(mapping.places)
        self.met: dict[str, None] = {}

    def look_in_all(self, lines: Iterable[FeedLine]) -> None:
        """Strike off the columns that these rows, or their file, name."""
        for line in lines:
            if self.missing and not line.problem:
                self._look_in(line.stated if line.columns is None else dict.fromkeys(line.columns))

    def _look_in(self, record: Mapping[str, Any]) -> None:
        self.met |= dict.fromkeys(record)
        for column in [name for name in self.missing if _names(record, name)]:
            del self.missing[column]

    @property
    def sentences(self) -> list[str]:
        """Say of each column that no row named where the mapping asks for it."""
        return _sentences(self.missing, list(self.met), where="No row has")


def with_its_columns(lines: Iterable[FeedLine], mapping: SourceMapping) -> Iterable[FeedLine]:
    """Return the lines, once the file has the mapping's columns; raises MappingError.

    Of a file whose lines each name their own columns nothing can be said beforehand.
    """
    rest = iter(lines)
    first = next(rest, None)
    if first is None:
        return ()
    if first.columns is not None:
        record = dict.fromkeys(first.columns)
        absent = {
            column: place
            for column, place in mapping.places.items()
            # What is below a nested column is known row by row only.
            if not _names(record, column) and not _names(record, column.partition(".")[0])
        }
        if absent:
            said = _sentences(absent, first.columns, where="There is no")
            raise MappingError("", "\n".join(said))
    return chain([first], rest)


def _names(record: Mapping[str, Any], column: str) -> bool:
    wanted = column.lower()
    return any(name.lower() == wanted for name in record) or look_up(record, column) is not None


def _sentences(absent: Mapping[str, str], there: Sequence[str], *, where: str) -> list[str]:
    return [
        f"{place}: {where} column {column!r}.{_meant(column, there)}"
        for column, place in absent.items()
    ]


def _meant(column: str, there: Sequence[str]) -> str:
    lowered = {name.lower(): name for name in there}
    close = get_close_matches(column.lower(), lowered, n=1)
    if close:
        return f" Did you mean {lowered[close[0]]!r}?"
    return f" Use one of {', '.join(list(there)[:MOST_SHOWN])}." if there else ""
