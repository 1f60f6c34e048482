"""Read a file of events, a line each, and take it in through the same door as the API."""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, cast

from personalization.events.tracking import track

BATCH: Final = 2_000
SHOWN_REFUSALS: Final = 20


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not accepted."""

    line: int
    field: str
    message: str


@dataclass(slots=True)
class Imported:
    """What became of the file so far; `reasons` counts all refusals, `refused` shows the first."""

    lines: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedLine] = field(default_factory=list)

    def refuse(self, line: int, name: str, message: str) -> None:
        """Count a refusal."""
        self.reasons[f"{name}: {message}"] += 1
        if len(self.refused) < SHOWN_REFUSALS:
            self.refused.append(RefusedLine(line, name, message))


def import_events(
    path: str,
    *,
    vouched: frozenset[str],
    clock: Callable[[], datetime],
    progress: Callable[[Imported], None],
) -> Imported:
    """Import JSON lines (plain or .gz; "-" is standard input) and say what became of them.

    Memory stays bounded; a broken line is refused and the rest goes on. Doing it twice changes
    nothing, as each message is stored once. Raises StreamUnavailable and OSError.
    """
    done = Imported()
    with opened(path) as file:
        for batch in _batches(file, done):
            tracked = track([raw for _, raw in batch], now=clock(), vouched=vouched, patient=True)
            done.accepted += tracked.accepted
            for refusal in tracked.refused:
                done.refuse(batch[refusal.index][0], refusal.field, refusal.message)
            progress(done)
    return done


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """Open a file for reading bytes, unpacking .gz."""
    if path == "-":
        yield sys.stdin.buffer
    elif path.endswith(".gz"):
        with gzip.open(path, "rb") as packed:
            yield cast(IO[bytes], packed)
    else:
        with Path(path).open("rb") as plain:
            yield plain


def _batches(file: IO[bytes], done: Imported) -> Iterator[list[tuple[int, Any]]]:
    batch: list[tuple[int, Any]] = []
    for line in file:
        done.lines += 1
        if not line.strip():
            continue
        try:
            batch.append((done.lines, json.loads(line)))
        except ValueError as error:
            done.refuse(done.lines, "", f"The line is not valid JSON: {error}")
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
