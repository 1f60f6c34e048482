"""Take a file of another system's rows in through the door that understands them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Any, Final

from catalog.feed_lines import FeedLine
from personalization.doors.portions import take_in_portions
from personalization.doors.translated import Translated
from personalization.events.importing import Imported

BATCH: Final = 1_000


def import_rows(
    lines: Iterable[FeedLine],
    *,
    read: Callable[..., Translated],
    source: str,
    vouched: frozenset[str],
    clock: Callable[[], datetime],
    progress: Callable[[Imported], Any] = lambda _: None,
) -> Imported:
    """Import rows and say what became of each that was not accepted.

    read: one row, `now=`, to our events. Memory stays bounded; a bad row is refused and the rest
    goes on. Doing it twice changes nothing. Raises StreamUnavailable.
    """
    done = Imported()
    rows = iter(lines)
    while batch := list(islice(rows, BATCH)):
        done.lines += len(batch)
        now = clock()
        readable = [line for line in batch if not line.problem]
        for line in batch:
            if line.problem:
                done.refuse(line.number, "", f"The line {line.problem}.")
        messages = [read(line.stated, now=now) for line in readable]
        outcome = take_in_portions(messages, now=now, source=source, vouched=vouched, patient=True)
        done.accepted += outcome.accepted
        for refusal in outcome.refused:
            done.refuse(readable[refusal.index].number, refusal.field, refusal.message)
        progress(done)
    return done
