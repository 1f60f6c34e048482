"""The lines of a text file as UTF-8, whatever it was written in, within bounded memory."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from catalog.feed_lines import FeedError

# A longer line is skipped unread: a file without line breaks must not fill the memory.
LONGEST_LINE: Final = 1_000_000
TOO_LONG: Final = f"is longer than {LONGEST_LINE:,} bytes"
NOT_UTF8: Final = "is not UTF-8 text: save the file as UTF-8, or say what it is by --encoding"
UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its break, and its number from 1; `text` is None where it is too long."""

    number: int
    text: bytes | None


def numbered_lines(file: IO[bytes]) -> Iterator[Line]:
    """Yield the lines."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        too_long = len(line) == LONGEST_LINE and not line.endswith(b"\n")
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
        yield Line(number, None if too_long else line)


def as_utf8(file: io.BufferedReader, *, encoding: str = "") -> io.BufferedReader:
    """Return the file as UTF-8 without a mark in front; raises FeedError, while reading too.

    `encoding`: what it is written in; empty: UTF-8, or UTF-16 where the file says so itself.
    """
    start = file.peek()
    if not encoding and start.startswith(UTF16_MARKS):
        encoding = "utf-16"
    if not encoding or _python_name(encoding) == "utf-8":
        if start.startswith(codecs.BOM_UTF8):
            file.read(len(codecs.BOM_UTF8))
        return file
    return io.BufferedReader(_Recoded(file, encoding))


def _python_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise FeedError(
            f"There is no encoding {encoding!r}. Use utf-8, utf-16 or windows-1252, for example."
        ) from error


class _Recoded(io.RawIOBase):
    """The bytes of a file in another encoding, as UTF-8."""

    def __init__(self, source: IO[bytes], encoding: str) -> None:
        super().__init__()
        self.source = source
        self.encoding = encoding
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.waiting = b""

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; 0 at the end. Raises FeedError."""
        while not self.waiting:
            chunk = self.source.read(len(buffer))
            self.waiting = self._decoded(chunk).encode()
            if not chunk:
                break
        given, self.waiting = self.waiting[: len(buffer)], self.waiting[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)

    def _decoded(self, chunk: bytes) -> str:
        try:
            return self.decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise FeedError(f"The file is not {self.encoding} text: {error.reason}.") from error
