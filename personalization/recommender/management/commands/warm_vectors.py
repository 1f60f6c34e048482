"""`manage.py warm_vectors`: write the live model's vectors to Redis again."""

from typing import Any

from django.core.management.base import BaseCommand

from personalization.recommender.warming import warm


class Command(BaseCommand):
    """Write the live model's vectors to Redis again."""

    help = "Write the live model's vectors to Redis again, for example after Redis lost its data."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Warm Redis, and say which version is live."""
        live = warm()
        self.stdout.write(f"{live} is live." if live else "No model is live yet.")
