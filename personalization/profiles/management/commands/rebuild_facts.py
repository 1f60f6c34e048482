"""manage.py rebuild_facts: fold facts anew from the event table."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from personalization.profiles.rebuilding import rebuild_everything


class Command(BaseCommand):
    """Make facts again, or only say whether they are what the events make."""

    help = "Fold the facts of all profiles anew from their stored events."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let it compare without writing."""
        parser.add_argument(
            "--check", action="store_true", help="Change nothing; fail where facts differ."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were compared and differed; raises CommandError when checking finds any."""
        rebuilt = rebuild_everything(write=not options["check"])
        self.stdout.write(
            f"{rebuilt.compared:,} profiles folded anew, {len(rebuilt.differing):,} differed,"
            f" {rebuilt.left:,} left alone: they hold acts that were never kept,"
            " or are no longer."
        )
        if options["check"] and rebuilt.differing:
            shown = ", ".join(str(profile_id) for profile_id in rebuilt.differing[:20])
            raise CommandError(f"Facts differ from events for the profiles {shown}.")
