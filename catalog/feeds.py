"""Feeds as files: CSV, JSON lines, Google's XML or Parquet, one line at a time."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from catalog.feed_lines import FeedError, FeedLine
from catalog.parquet import read_parquet
from catalog.xml_feeds import read_xml

# A longer line is skipped unread: a file without line breaks must not fill the memory.
LONGEST_LINE: Final = 1_000_000
DELIMITERS: Final = (",", ";", "\t")


def read_feed(path: Path) -> Iterator[FeedLine]:
    """Yield the lines of a feed, broken ones with their problem; raises FeedError.

    One line is one item: a line break inside a quoted CSV field is refused, because an unclosed
    quote would otherwise swallow the rest of the file.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:] if suffix != ".gz"]
    if suffixes[-1:] == [PARQUET]:
        yield from read_parquet(path)
        return
    read = READERS.get(suffixes[-1] if suffixes else "")
    if read is None:
        known = ", ".join(READERS)
        raise FeedError(f"{path.name}: use one of {known}, the same with .gz, or {PARQUET}.")
    try:
        damage = Damage()
        with _opened(path, damage) as file:
            yield from read(file)
        if damage.is_found:
            yield FeedLine(0, {}, "is the last: the file is cut short or damaged behind it")
    except OSError as error:
        # A missing file, but also bytes that are not gzip.
        raise FeedError(f"{path}: {error.strerror or error}") from error


def read_json_lines(file: IO[bytes]) -> Iterator[FeedLine]:
    """Yield what each line of JSON states; blank lines are passed over."""
    for number, line in _numbered_lines(file):
        if line is None:
            yield FeedLine(number, {}, f"is longer than {LONGEST_LINE:,} bytes")
        elif line.strip():
            yield _json_line(number, line)


def _json_line(number: int, line: bytes) -> FeedLine:
    try:
        stated = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return FeedLine(number, {}, f"is not JSON: {error}")
    if not isinstance(stated, dict):
        return FeedLine(number, {}, "is not a JSON object")
    return FeedLine(number, stated)


def _csv_lines(file: IO[bytes]) -> Iterator[FeedLine]:
    numbered = _numbered_lines(file)
    _, header = next(numbered, (0, None))
    if header is None:
        raise FeedError("The file has no first line with the names of the columns.")
    text = header.decode("utf-8-sig", errors="replace").strip()
    delimiter = max(DELIMITERS, key=text.count)
    columns = [column.strip().lower() for column in next(csv.reader([text], delimiter=delimiter))]
    for number, line in numbered:
        if line is None:
            yield FeedLine(number, {}, f"is longer than {LONGEST_LINE:,} bytes")
        elif line.strip():
            yield _csv_line(number, line, columns, delimiter)


def _csv_line(number: int, line: bytes, columns: list[str], delimiter: str) -> FeedLine:
    try:
        text = line.decode().rstrip("\r\n")
        values = next(csv.reader([text], delimiter=delimiter, strict=True))
    except UnicodeDecodeError:
        return FeedLine(number, {}, "is not UTF-8 text")
    except csv.Error as error:
        return FeedLine(number, {}, f"is not a line of CSV: {error}")
    if len(values) != len(columns):
        return FeedLine(number, {}, f"has {len(values)} values for {len(columns)} columns")
    # An empty cell states nothing.
    stated = {name: value for name, value in zip(columns, values, strict=True) if value.strip()}
    return FeedLine(number, stated)


def _numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        too_long = len(line) == LONGEST_LINE and not line.endswith(b"\n")
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
        yield number, None if too_long else line


@dataclass(slots=True)
class Damage:
    """Whether a packed file ended before its time."""

    is_found: bool = False


@contextmanager
def _opened(path: Path, damage: Damage) -> Iterator[IO[bytes]]:
    with path.open("rb") as plain:
        if path.suffix != ".gz":
            yield plain
            return
        with (
            gzip.open(plain, "rb") as unpacked,
            io.BufferedReader(_Forgiving(unpacked, damage)) as file,
        ):
            yield file


class _Forgiving(io.RawIOBase):
    """A gzip stream that ends where it is cut short, so that what came before is kept."""

    def __init__(self, source: gzip.GzipFile, damage: Damage) -> None:
        super().__init__()
        self.source = source
        self.damage = damage

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; 0 at the end, also at a premature one."""
        try:
            data = self.source.read(len(buffer))
        except (EOFError, zlib.error):
            self.damage.is_found = True
            return 0
        buffer[: len(data)] = data
        return len(data)


PARQUET: Final = ".parquet"
READERS: Final[Mapping[str, Callable[[IO[bytes]], Iterator[FeedLine]]]] = {
    ".csv": _csv_lines,
    ".tsv": _csv_lines,
    ".txt": _csv_lines,  # as Google calls a feed of tab-separated values
    ".xml": read_xml,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json_lines,
}
