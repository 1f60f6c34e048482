"""manage.py import_events FILE: take events in from a file of JSON lines."""

import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.feed_lines import FeedError
from consent.purposes import OPTIONAL
from personalization.events.importing import Imported, import_events, read_events
from personalization.events.pacing import POLL_SECONDS, Pace
from personalization.streams.stream import StreamUnavailable, backlog

STUCK_SECONDS: Final = 10.0


class Command(BaseCommand):
    """Import through the same validation, consent and stream as the API."""

    help = "Import events from a file of JSON lines (plain or .gz; - reads standard input)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and how to treat it."""
        parser.add_argument("file")
        parser.add_argument(
            "--vouch",
            default="",
            metavar="PURPOSES",
            help="Purposes to which these people have agreed elsewhere, separated by commas. "
            "Recorded for those of whom no choice is known.",
        )
        parser.add_argument(
            "--wait", action="store_true", help="Return when the consumer has stored everything."
        )

    def handle(self, *args: Any, file: str, vouch: str, wait: bool, **options: Any) -> None:
        """Import, showing progress, and report what was refused and why."""
        vouched = frozenset(filter(None, vouch.split(",")))
        if unknown := vouched - set(OPTIONAL):
            raise CommandError(
                f"There is no purpose {', '.join(sorted(unknown))}. Use: {', '.join(OPTIONAL)}."
            )
        pace = Pace(self._tell)
        try:
            done = import_events(
                read_events(file),
                vouched=vouched,
                clock=timezone.now,
                progress=lambda so_far: pace.keep(so_far.lines),
            )
        except FeedError as error:
            raise CommandError(str(error)) from error
        except StreamUnavailable as error:
            raise CommandError(f"{error} The same import can be run again.") from error
        if wait:
            self._wait_until_stored()
        self._report(done, seconds=pace.seconds)
        if done.lines and not done.accepted:
            raise CommandError("Every line was refused.")

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _wait_until_stored(self) -> None:
        waiting, since = backlog(), time.monotonic()
        while waiting:
            time.sleep(POLL_SECONDS)
            before, waiting = waiting, backlog()
            if waiting != before:
                since = time.monotonic()
            elif time.monotonic() - since > STUCK_SECONDS:
                self.stderr.write(
                    f"{waiting:,} entries wait, and none is stored. Is consume_events running?"
                )
                since = time.monotonic()

    def _report(self, done: Imported, *, seconds: float) -> None:
        refused = sum(done.reasons.values())
        self.stdout.write(
            f"{done.accepted:,} events accepted, {refused:,} refused, in {seconds:.0f} s."
        )
        for reason, count in done.reasons.most_common():
            self.stdout.write(f"  {count:,} x {reason}")
        for line in done.refused:
            place = f"line {line.line}" + (f", {line.field}" if line.field else "")
            self.stdout.write(f"  {place}: {line.message}")
