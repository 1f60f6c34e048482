"""manage.py rotate_vault_keys: bring all that is sealed under the first key of VAULT_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from personalization.vault.rotating import in_use, rotate
from personalization.vault.sealed_columns import sealed_columns


class Command(BaseCommand):
    """May be interrupted and started again; everything stays readable meanwhile."""

    help = (
        "Put every person's data key, the secrets of destinations and connections, and what is"
        " sealed of refused events under the first key of VAULT_KEYS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say which master keys are needed still."""
        self.stdout.write(f"{rotate()} keys put under the current master key.")
        for column in sealed_columns():
            self.stdout.write(f"{column.reseal()} {column.purpose} sealed under it anew.")
        for master, count in in_use().items():
            self.stdout.write(f"{master}: {count} keys")
        for column in sealed_columns():
            for master, count in column.in_use().items():
                self.stdout.write(f"{master}: {count} {column.purpose}")
        self.stdout.write(
            "A former key may leave VAULT_KEYS when it stands here no more and no event that was"
            " accepted under it waits."
        )
