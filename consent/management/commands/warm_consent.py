"""manage.py warm_consent: tell Redis every current choice."""

from typing import Any

from django.core.management.base import BaseCommand

from consent.mirroring import mirror_everything


class Command(BaseCommand):
    """Rebuild choices and suppressions in Redis from PostgreSQL."""

    help = "Rebuild in Redis, from PostgreSQL, who agreed to what and who was erased."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say of how many Redis knows now."""
        chosen, erased = mirror_everything()
        self.stdout.write(f"{chosen} people's choices, {erased} erased.")
