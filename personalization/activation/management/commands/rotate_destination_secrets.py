"""manage.py rotate_destination_secrets: seal them under the first key of VAULT_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from personalization.activation.confiding import rotate_secrets


class Command(BaseCommand):
    """Run it beside rotate_vault_keys, before a former key leaves VAULT_KEYS."""

    help = "Seal the secrets of all destinations under the first key of VAULT_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal anew what another key sealed."""
        self.stdout.write(f"{rotate_secrets()} secrets sealed under the current master key.")
