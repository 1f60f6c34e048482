"""`manage.py make_demo_feeds`: the demo's data set as feeds for the public import commands."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from catalog.demo.writing import write_feeds

SOURCE: Final = Path("deploy/demo_data/online_retail/transactions.csv.gz")


class Command(BaseCommand):
    """Turn the shipped transactions into a catalogue feed and an event feed."""

    help = (
        "Write the demo's catalogue and event feeds, as import_catalog and import_events read them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("--out", type=Path, required=True, help="Folder to write the feeds to.")
        parser.add_argument("--now", help="Pretend that this is the time (ISO 8601).")

    def handle(self, *, out: Path, now: str | None, **options: Any) -> None:
        """Write the feeds and say what was left out."""
        written = write_feeds(
            source=settings.BASE_DIR / SOURCE,
            out=out,
            now=_time(now),
            progress=self.stderr.write,
        )
        self.stdout.write(f"{written.items:,} items, {written.events:,} events in {out}")
        for reason, count in written.refused.most_common():
            self.stdout.write(f"  {count:,} lines left out: {reason}")


def _time(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    now = parse_datetime(text)
    if now is None:
        raise CommandError(f"--now: {text!r} is not a time. Write it as 2026-01-31T12:00:00+00:00.")
    return now if timezone.is_aware(now) else timezone.make_aware(now)
