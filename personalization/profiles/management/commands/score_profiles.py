"""manage.py score_profiles: RFM scores and engagement, as of now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from personalization.profiles.scoring import score_profiles


class Command(BaseCommand):
    """Do at once what beat does every night."""

    help = (
        "Score how recently, how often and for how much everybody buys, and how engaged they are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many profiles got other scores."""
        self.stdout.write(f"{score_profiles(now=timezone.now()):,} profiles got other scores.")
