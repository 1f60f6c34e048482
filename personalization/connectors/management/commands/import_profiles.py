"""manage.py import_profiles FILE --mapping MAPPING: take people in from a CRM's export."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.feed_lines import FeedError, FeedLine
from catalog.feeds import read_feed, read_json_lines
from consent.purposes import OPTIONAL
from personalization.connectors.importing import ImportedProfiles, Taking, import_profiles
from personalization.connectors.mapping import MappingError, SourceMapping, read_mapping
from personalization.events.pacing import Pace
from personalization.streams.stream import StreamUnavailable

STANDARD_INPUT: Final = "-"


class Command(BaseCommand):
    """Import people through the same validation, consent and stream as events."""

    help = (
        "Take people in from FILE: .csv, .tsv, .jsonl or .parquet, plain or .gz (- reads JSON "
        "lines from standard input). A mapping in TOML says what each column means."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and how to treat it."""
        parser.add_argument("file")
        parser.add_argument("--mapping", required=True, help="The mapping, a TOML file.")
        parser.add_argument(
            "--vouch",
            default="",
            metavar="PURPOSES",
            help="Purposes to which these people have agreed elsewhere, separated by commas. "
            "Recorded for those of whom no choice is known.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would happen, and keep nothing."
        )
        parser.add_argument(
            "--encoding",
            default="",
            help="What a text is written in if not in UTF-8 or UTF-16, such as windows-1252.",
        )

    def handle(self, *args: Any, file: str, mapping: str, **options: Any) -> None:
        """Import, showing progress, and report what was refused and why."""
        dry_run = options["dry_run"]
        taking = Taking(_mapping(mapping), _purposes(options["vouch"]), dry=dry_run)
        pace = Pace(self._tell)
        try:
            done = import_profiles(
                _lines(file, encoding=options["encoding"]),
                taking=taking,
                clock=timezone.now,
                progress=lambda so_far: pace.keep(so_far.read),
            )
        except (FeedError, MappingError) as error:
            raise CommandError(str(error)) from error
        except StreamUnavailable as error:
            raise CommandError(f"{error} The same import can be run again.") from error
        self._report(done, dry=dry_run)
        if done.read and done.refusals == done.read:
            raise CommandError("Every row was refused.")

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _report(self, done: ImportedProfiles, *, dry: bool) -> None:
        would = " would be" if dry else ""
        self.stdout.write(
            f"{done.read:,} rows:{would} {done.created:,} created, {done.updated:,} updated, "
            f"{done.unchanged:,} unchanged, {done.refusals:,} refused."
        )
        for reason, count in done.reasons.most_common():
            self.stdout.write(f"  {count:,} x {reason}")
        for row in done.refused:
            place = f"line {row.line}" + (f", {row.field}" if row.field else "")
            self.stdout.write(f"  {place}: {row.message}")
        for sentence in done.absent:
            self.stderr.write(sentence)
        for said in done.sample:
            self.stdout.write(json.dumps(asdict(said), ensure_ascii=False, default=str))


def _mapping(path: str) -> SourceMapping:
    try:
        return read_mapping(Path(path).read_text())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except (MappingError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from error


def _purposes(stated: str) -> frozenset[str]:
    purposes = frozenset(filter(None, stated.split(",")))
    if unknown := purposes - set(OPTIONAL):
        raise CommandError(
            f"There is no purpose {', '.join(sorted(unknown))}. Use: {', '.join(OPTIONAL)}."
        )
    return purposes


def _lines(file: str, *, encoding: str) -> Iterator[FeedLine]:
    if file == STANDARD_INPUT:
        return read_json_lines(sys.stdin.buffer)
    return read_feed(Path(file), encoding=encoding)
