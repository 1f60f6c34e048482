"""manage.py warm_facts: copy facts from PostgreSQL to a Redis that has lost them."""

from typing import Any

from django.core.management.base import BaseCommand

from personalization.profiles.remembering import mirror_everything


class Command(BaseCommand):
    """Rebuild what decisions read."""

    help = "Copy the facts of all profiles from PostgreSQL to Redis."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many profiles were copied."""
        self.stdout.write(f"{mirror_everything():,} profiles copied to Redis.")
