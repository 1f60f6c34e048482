"""Training in the background."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from personalization.learning.models import TrainingRun
from personalization.recommender.retraining import retrain
from personalization.recommender.warming import warm_if_cold


@shared_task
def retrain_recommender() -> None:
    """Train on schedule."""
    retrain(now=timezone.now(), seed=settings.TRAINING_SEED, started_by="schedule")


@shared_task
def continue_training_run(run_id: int) -> None:
    """Do the run that someone asked for; one that is over is left alone."""
    run = TrainingRun.objects.get(pk=run_id)
    if not run.is_over:
        retrain(now=timezone.now(), seed=settings.TRAINING_SEED, started_by=run.started_by, run=run)


@shared_task
def keep_vectors_warm() -> None:
    """Restore the vectors in Redis when they were lost."""
    warm_if_cold()
