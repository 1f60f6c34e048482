"""Feeds as files: CSV, JSON lines, Google's XML or Parquet, one line at a time."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from catalog.csv_feeds import read_csv
from catalog.feed_lines import FeedError, FeedLine
from catalog.feed_text import TOO_LONG, as_utf8, numbered_lines
from catalog.parquet import read_parquet
from catalog.xml_feeds import read_xml

# A list in brackets is read whole, unlike lines.
LONGEST_LIST: Final = 20_000_000
TOO_LONG_A_LIST: Final = (
    f"The file is one JSON list of more than {LONGEST_LIST // 1_000_000} MB. Write JSON lines: an"
    " object on each line, and no brackets around them."
)
NO_OBJECT: Final = "is not a JSON object"
XML: Final = ".xml"


def read_feed(path: Path, *, encoding: str = "") -> Iterator[FeedLine]:
    """Yield the lines of a feed, broken ones with their problem; raises FeedError.

    `encoding`: what a text is written in, where it is neither UTF-8 nor says so itself.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:] if suffix != ".gz"]
    if suffixes[-1:] == [PARQUET]:
        yield from read_parquet(path)
        return
    suffix = suffixes[-1] if suffixes else ""
    read = READERS.get(suffix)
    if read is None:
        known = ", ".join(READERS)
        raise FeedError(f"{path.name}: use one of {known}, the same with .gz, or {PARQUET}.")
    try:
        damage = Damage()
        with _opened(path, damage) as file:
            # XML says by itself what it is written in.
            yield from read(file if suffix == XML else as_utf8(file, encoding=encoding))
        if damage.is_found:
            yield FeedLine(0, {}, "is the last: the file is cut short or damaged behind it")
    except OSError as error:
        # A missing file, but also bytes that are not gzip.
        raise FeedError(f"{path}: {error.strerror or error}") from error


def read_json_lines(file: IO[bytes]) -> Iterator[FeedLine]:
    """Yield what each line of JSON states; blank lines are passed over."""
    for line in numbered_lines(file):
        if line.text is None:
            yield FeedLine(line.number, {}, TOO_LONG)
        elif line.text.strip():
            yield _json_line(line.number, line.text)


def _json(file: io.BufferedReader) -> Iterator[FeedLine]:
    """Yield the objects of JSON lines, or of one list in brackets, numbered from 1."""
    if not file.peek().lstrip().startswith(b"["):
        yield from read_json_lines(file)
        return
    whole = file.read(LONGEST_LIST + 1)
    if len(whole) > LONGEST_LIST:
        raise FeedError(TOO_LONG_A_LIST)
    try:
        listed = orjson.loads(whole)
    except orjson.JSONDecodeError as error:
        raise FeedError(f"The list in the file is not JSON: {error}") from error
    for number, stated in enumerate(listed, start=1):
        is_object = isinstance(stated, dict)
        yield FeedLine(number, stated if is_object else {}, "" if is_object else NO_OBJECT)


def _json_line(number: int, line: bytes) -> FeedLine:
    try:
        stated = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return FeedLine(number, {}, f"is not JSON: {error}")
    if not isinstance(stated, dict):
        return FeedLine(number, {}, NO_OBJECT)
    return FeedLine(number, stated)


@dataclass(slots=True)
class Damage:
    """Whether a packed file ended before its time."""

    is_found: bool = False


@contextmanager
def _opened(path: Path, damage: Damage) -> Iterator[io.BufferedReader]:
    with path.open("rb") as plain:
        if path.suffix != ".gz":
            yield plain
            return
        with (
            gzip.open(plain, "rb") as unpacked,
            io.BufferedReader(_Forgiving(unpacked, damage)) as file,
        ):
            # Typeshed's readers are generic, and not those of the interpreter.
            yield file  # type: ignore[misc,unused-ignore]


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
READERS: Final[Mapping[str, Callable[[io.BufferedReader], Iterator[FeedLine]]]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,  # as Google calls a feed of tab-separated values
    XML: read_xml,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": _json,
}
