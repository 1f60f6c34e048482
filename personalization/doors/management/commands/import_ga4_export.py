"""manage.py import_ga4_export FILE ...: take in what Google Analytics 4 exported to BigQuery."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.feed_lines import FeedError, FeedLine
from catalog.feeds import read_feed, read_json_lines
from consent.purposes import OPTIONAL
from personalization.doors.ga4_export import read_row
from personalization.doors.importing import import_rows
from personalization.events.importing import Imported
from personalization.events.pacing import Pace
from personalization.streams.stream import StreamUnavailable

STANDARD_INPUT: Final = "-"


class Command(BaseCommand):
    """Import rows of the tables events_YYYYMMDD, exported as JSON lines or Parquet."""

    help = (
        "Take in rows of GA4's BigQuery export: .jsonl (plain or .gz) or .parquet; - reads JSON "
        "lines from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files and how to treat them."""
        parser.add_argument("files", nargs="+")
        parser.add_argument(
            "--vouch",
            default="",
            metavar="PURPOSES",
            help="Purposes to which these visitors have agreed elsewhere, separated by commas. "
            "Recorded for those of whom no choice is known.",
        )

    def handle(self, *args: Any, files: list[str], vouch: str, **options: Any) -> None:
        """Import, showing progress, and report what was refused and why."""
        vouched = frozenset(filter(None, vouch.split(",")))
        if unknown := vouched - set(OPTIONAL):
            raise CommandError(
                f"There is no purpose {', '.join(sorted(unknown))}. Use: {', '.join(OPTIONAL)}."
            )
        try:
            done = [self._import(file, vouched) for file in files]
        except FeedError as error:
            raise CommandError(str(error)) from error
        except StreamUnavailable as error:
            raise CommandError(f"{error} The same import can be run again.") from error
        if any(one.lines for one in done) and not any(one.accepted for one in done):
            raise CommandError("Every row was refused.")

    def _import(self, file: str, vouched: frozenset[str]) -> Imported:
        pace = Pace(self._tell)
        done = import_rows(
            _lines(file),
            read=read_row,
            source="ga4_export",
            vouched=vouched,
            clock=timezone.now,
            progress=lambda so_far: pace.keep(so_far.lines),
        )
        self._report(file, done)
        return done

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _report(self, file: str, done: Imported) -> None:
        refused = done.reasons.total()
        self.stdout.write(f"{file}: {done.accepted:,} rows accepted, {refused:,} refused.")
        for reason, count in done.reasons.most_common():
            self.stdout.write(f"  {count:,} x {reason}")
        for line in done.refused:
            place = f"line {line.line}" + (f", {line.field}" if line.field else "")
            self.stdout.write(f"  {place}: {line.message}")


def _lines(file: str) -> Iterator[FeedLine]:
    return read_json_lines(sys.stdin.buffer) if file == STANDARD_INPUT else read_feed(Path(file))
