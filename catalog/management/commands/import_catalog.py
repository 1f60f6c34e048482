"""`manage.py import_catalog FILE`: a feed of items into the catalogue."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.feed_lines import FeedError, FeedLine
from catalog.feed_rows import FIELDS
from catalog.feeds import read_feed, read_json_lines
from catalog.importing import ImportReport, import_catalog

STANDARD_INPUT: Final = "-"


class Command(BaseCommand):
    """Import items from a feed; refused lines are named and never stop the rest."""

    help = (
        "Create or update items from FILE: .csv, .jsonl, .parquet or a Google Merchant feed "
        "(.xml, .tsv, .txt), plain or .gz, or - for JSON lines on standard input. Columns: "
        f"{', '.join(FIELDS)}, of which the last three may be missing, or Google's. Exits with 1 "
        "only if no line could be used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("file", help="The feed, or - for standard input.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Check and compare, but write nothing."
        )

        parser.add_argument(
            "--encoding",
            default="",
            help="What a text is written in if not in UTF-8 or UTF-16, such as windows-1252.",
        )

    def handle(self, *, file: str, dry_run: bool, encoding: str, **options: Any) -> None:
        """Import the feed and report."""
        try:
            report = import_catalog(
                lines=_lines(file, encoding=encoding),
                now=timezone.now(),
                dry_run=dry_run,
                progress=self._progress,
            )
        except FeedError as error:
            raise CommandError(str(error)) from error
        self._tell(report, dry_run=dry_run)
        if not report.accepted:
            raise CommandError("Nothing could be read." if report.read else "The feed is empty.")

    def _progress(self, report: ImportReport) -> None:
        ending = "\r" if self.stderr.isatty() else "\n"
        self.stderr.write(f"{report.read:,} lines read", ending=ending)

    def _tell(self, report: ImportReport, *, dry_run: bool) -> None:
        if report.unknown_fields:
            names = ", ".join(sorted(report.unknown_fields))
            self.stderr.write(f"Not known, and left out: {names}")
        for refusal in report.refusals:
            self.stderr.write(f"line {refusal.line}: {refusal.field} {refusal.message}")
        for reason, count in report.refused.most_common():
            self.stderr.write(f"{count:,} lines refused: {reason}")
        would = "would be " if dry_run else ""
        self.stdout.write(
            f"{report.read:,} lines: {report.created:,} items {would}created, "
            f"{report.changed:,} {would}changed, {report.unchanged:,} unchanged, "
            f"{report.refused.total():,} lines refused"
        )


def _lines(file: str, *, encoding: str) -> Iterator[FeedLine]:
    if file == STANDARD_INPUT:
        return read_json_lines(sys.stdin.buffer)
    return read_feed(Path(file), encoding=encoding)
