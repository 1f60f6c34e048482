"""Read a file of events, a line each, and take it in through the same door as the API."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from catalog.feed_lines import FeedLine
from catalog.feeds import read_feed, read_json_lines
from personalization.events.enriching import with_context
from personalization.events.tracking import track

BATCH: Final = 2_000
SHOWN_REFUSALS: Final = 20
STANDARD_INPUT: Final = "-"


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
        self.reasons[f"{name}: {message}" if name else message] += 1
        if len(self.refused) < SHOWN_REFUSALS:
            self.refused.append(RefusedLine(line, name, message))


def read_events(path: str) -> Iterator[FeedLine]:
    """Yield the lines of a file of JSON lines, plain or .gz; "-" reads standard input.

    Raises FeedError, while reading too.
    """
    if path == STANDARD_INPUT:
        return read_json_lines(sys.stdin.buffer)
    return read_feed(Path(path))


def import_events(
    lines: Iterable[FeedLine],
    *,
    vouched: frozenset[str],
    clock: Callable[[], datetime],
    progress: Callable[[Imported], None] = lambda _: None,
) -> Imported:
    """Import events and say what became of each line that was not accepted.

    Memory stays bounded; a broken line is refused and the rest goes on. Doing it twice changes
    nothing, as each message is stored once. Raises StreamUnavailable.
    """
    done = Imported()
    for batch in _batches(lines, done):
        now = clock()
        events = [with_context(dict(line.stated), now=now) for line in batch]
        tracked = track(events, now=now, source="import", vouched=vouched, patient=True)
        done.accepted += tracked.accepted
        for refusal in tracked.refused:
            done.refuse(batch[refusal.index].number, refusal.field, refusal.message)
        progress(done)
    return done


def _batches(lines: Iterable[FeedLine], done: Imported) -> Iterator[list[FeedLine]]:
    batch: list[FeedLine] = []
    for line in lines:
        done.lines += 1
        if line.problem:
            done.refuse(line.number, "", f"The line {line.problem}.")
        else:
            batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
