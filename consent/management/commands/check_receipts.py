"""Check the chain of receipts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.models import Receipt
from consent.receipts import broken_receipts


class Command(BaseCommand):
    """Check that no receipt was changed, removed or forged."""

    help = "Check that no receipt of a privacy request was changed, removed or forged."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name every broken receipt, or say that all are whole."""
        broken = list(broken_receipts())
        if broken:
            raise CommandError("\n".join(broken))
        self.stdout.write(f"{Receipt.objects.count()} receipts, all whole.")
