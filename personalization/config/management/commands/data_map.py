"""manage.py data_map: what is kept, what for, how long, and who erases it."""

import json
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from personalization.config.data_map import Entry, entries

HEAD: Final = """\
# Data map

Every field of the database, every stream and every Redis prefix, with what it is for. Written by
`manage.py data_map`; do not edit it by hand. The source is `personalization/config/data_places.py`.

| where | fields | category | purpose | kept | erased by |
|---|---|---|---|---|---|
"""


class Command(BaseCommand):
    """Prints; `docs/data-map.md` is its output."""

    help = "Print the data map as Markdown, or as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the form."""
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the map in the form asked for."""
        found = list(entries())
        if options["json"]:
            text = json.dumps([entry.as_json() for entry in found], indent=2)
        else:
            text = HEAD + "\n".join(map(_row, found))
        self.stdout.write(text)


def _row(entry: Entry) -> str:
    cells = (
        f"`{entry.place}`",
        " ".join(f"`{name}`" for name in entry.fields),
        entry.category,
        entry.purpose,
        entry.retention,
        entry.store or "-",
    )
    return f"| {' | '.join(cells)} |"
