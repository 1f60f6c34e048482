"""`manage.py retrain_recommender`: train now, in this process."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from personalization.learning.models import TrainingRun
from personalization.recommender.retraining import retrain


class Command(BaseCommand):
    """Train a recommender, judge it, and make it live if it is better."""

    help = "Train a recommender, judge it, and make it live if it is better."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let the seed be chosen."""
        parser.add_argument("--seed", type=int, default=settings.TRAINING_SEED)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Train, and say how it went."""
        outcome = retrain(
            now=timezone.now(), seed=options["seed"], started_by="command", tell=self._tell
        )
        self.stdout.write(f"{outcome.version or 'no new version'}: {outcome.state}")
        self.stdout.write(outcome.reason)

    def _tell(self, run: TrainingRun) -> None:
        if run.stage:
            self.stdout.write(f"{run.percent:3d} %  {run.stage}")
