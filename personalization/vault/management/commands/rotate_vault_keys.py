"""manage.py rotate_vault_keys: bring all data keys under the first key of VAULT_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from personalization.vault.rotating import in_use, rotate


class Command(BaseCommand):
    """May be interrupted and started again; everything stays readable meanwhile."""

    help = "Put every person's data key under the first key of VAULT_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say which master keys are needed still."""
        self.stdout.write(f"{rotate()} keys put under the current master key.")
        for master, count in in_use().items():
            self.stdout.write(f"{master}: {count} keys")
        self.stdout.write(
            "A former key may leave VAULT_KEYS when it stands here no more and no event that was"
            " accepted under it waits."
        )
