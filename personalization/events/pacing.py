"""Let the consumer keep up with an import, and say how far the import is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from personalization.streams.stream import EVENTS_PER_ENTRY, backlog

# More than this waiting, and the import lets the consumer catch up: Redis is not a warehouse.
MOST_WAITING: Final = 100_000 // EVENTS_PER_ENTRY
POLL_SECONDS: Final = 0.1
PROGRESS_EVERY_SECONDS: Final = 2.0


@dataclass(slots=True)
class Pace:
    """How fast an import goes; `tell` is given a line to show every two seconds."""

    tell: Callable[[str], None]
    started: float = field(default_factory=time.monotonic)
    shown: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.started

    def keep(self, lines: int) -> None:
        """Wait until the stream has room, and tell how many lines were read."""
        while backlog() > MOST_WAITING:
            time.sleep(POLL_SECONDS)
        if time.monotonic() - self.shown >= PROGRESS_EVERY_SECONDS:
            self.shown = time.monotonic()
            self.tell(f"  {lines:,} lines read, {lines / self.seconds:,.0f} a second")
