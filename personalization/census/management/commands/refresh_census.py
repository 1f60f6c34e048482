"""Bring the census up to date by hand."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from personalization.census.models import Layout
from personalization.census.refreshing import refresh_census

BATCHES_AT_ONCE = 10


class Command(BaseCommand):
    """Write rows until all are current, and say how far it is."""

    help = "Write what changed, a new day and new facts into the census, until it is current."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go on while there is anything to do."""
        is_current, written = False, 0
        while not is_current:
            done = refresh_census(now=timezone.now(), batches=BATCHES_AT_ONCE)
            is_current, written = done.is_current, written + done.written
            cursor = Layout.objects.values_list("cursor", flat=True).first()
            place = f", at profile {cursor}" if cursor is not None else ""
            self.stdout.write(f"{written:,} rows written{place}")
