"""Train, judge, and make live only what is better."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from personalization.learning import registry
from personalization.learning.models import ModelVersion, TrainingRun
from personalization.recommender.assembling import Candidate
from personalization.recommender.going_live import clear_old_versions, promote
from personalization.recommender.interactions import LEARNED
from personalization.recommender.judging import Contender, Verdict, compare, knows_strangers
from personalization.recommender.live import KIND, load_model
from personalization.recommender.progress import Progress
from personalization.recommender.representations import keep_representations, read_representations
from personalization.recommender.training import Factors, Fit, fit
from personalization.recommender.training_data import (
    NotEnoughData,
    TrainingData,
    describe_training_data,
    read_training_data,
)

logger = logging.getLogger(__name__)

LOCK: Final = "recommender:training"
TRAINING_FROM: Final = 15
TRAINING_TO: Final = 80


class AlreadyTraining(Exception):
    """Another run holds the training; wait for it to end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended and why; `version` None when no model came of it."""

    state: str
    reason: str
    version: ModelVersion | None


def retrain(
    *,
    now: datetime,
    seed: int,
    started_by: str,
    run: TrainingRun | None = None,
    tell: Callable[[TrainingRun], None] = lambda run: None,
) -> Outcome:
    """Train a model on what visitors allowed, and promote it if it beats popularity and the live.

    Progress is written to `run`, which is made when there is none, and told to `tell`. Too little
    data, a better rival or a training under way is a refusal with its reason; everything else
    that goes wrong marks the run failed, and is raised. Call it outside of any transaction.
    """
    if run is None:
        run = TrainingRun.objects.create(kind=KIND, started_by=started_by)
    progress = Progress(run, tell)
    try:
        with _one_at_a_time():
            _end_dead_runs(run)
            outcome = _retrain(progress, seed=seed, now=now)
    except (NotEnoughData, AlreadyTraining) as refusal:
        outcome = Outcome(TrainingRun.State.REFUSED, str(refusal), None)
    except BaseException as error:
        message = f"{type(error).__name__}: {error}"
        progress.end(state=TrainingRun.State.FAILED, message=message, now=timezone.now())
        raise
    progress.end(
        state=outcome.state, message=outcome.reason, now=timezone.now(), version=outcome.version
    )
    logger.info("Training %s: %s", outcome.state, outcome.reason)
    return outcome


def _retrain(progress: Progress, *, seed: int, now: datetime) -> Outcome:
    live = registry.live_version(KIND)
    progress.at("reading interactions", 0)
    interactions, cut, judged_after = read_training_data(
        live_until=live.trained_until if live else None
    )
    progress.at("describing items and visitors", 10)
    data = describe_training_data(interactions, cut=cut, judged_after=judged_after)
    candidate = Candidate.of(_train(data, Fit(seed=seed), progress), data, seed=seed)
    progress.at("judging", TRAINING_TO)
    if not knows_strangers(as_served(candidate), data):
        # Visitors without history are then served what ranked better for them: popular items.
        candidate = candidate.for_the_warm()
    verdict = compare(
        candidate=as_served(candidate),
        live=_as_contender(live),
        data=data,
    )
    progress.at("saving", 90)
    version = _register(candidate, verdict, data, now=now)
    return _conclude(version, candidate, verdict, progress, now=now)


def train(data: TrainingData, *, how: Fit, on_epoch: Callable[[int], None]) -> Factors:
    """Return the factors of what was learned before the cut."""
    return fit(
        interactions=data.interactions.matrix(LEARNED),
        user_features=data.user_features.matrix,
        item_features=data.item_features.matrix,
        how=how,
        on_epoch=on_epoch,
    )


def _train(data: TrainingData, how: Fit, progress: Progress) -> Factors:
    def on_epoch(done: int) -> None:
        percent = TRAINING_FROM + (TRAINING_TO - TRAINING_FROM) * done // how.epochs
        progress.at(f"training, epoch {done} of {how.epochs}", percent)

    progress.at("training", TRAINING_FROM)
    return train(data, how=how, on_epoch=on_epoch)


def _conclude(
    version: ModelVersion,
    candidate: Candidate,
    verdict: Verdict,
    progress: Progress,
    *,
    now: datetime,
) -> Outcome:
    if verdict.is_better:
        keep_representations(
            version=version, profile_ids=candidate.profile_ids, vectors=candidate.vectors
        )
        progress.at("going live", 95)
        promote(version=version, reason=verdict.reason, now=now)
    else:
        registry.refuse(version=version, reason=verdict.reason)
    clear_old_versions()
    state = TrainingRun.State.PROMOTED if verdict.is_better else TrainingRun.State.REFUSED
    return Outcome(state, verdict.reason, version)


def _register(
    candidate: Candidate, verdict: Verdict, data: TrainingData, *, now: datetime
) -> ModelVersion:
    return registry.register(
        kind=KIND,
        arrays=candidate.arrays,
        meta=candidate.meta,
        metrics=verdict.metrics,
        trained_until=data.cut,
        now=now,
    )


def as_served(candidate: Candidate) -> Contender:
    """Return the candidate as visitors would meet it."""
    return Contender(candidate.model(), candidate.vectors_by_profile())


def _as_contender(live: ModelVersion | None) -> Contender | None:
    return Contender(load_model(live), read_representations(live)) if live else None


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [LOCK])
        if not cursor.fetchone()[0]:
            raise AlreadyTraining("Another training is under way.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [LOCK])


def _end_dead_runs(run: TrainingRun) -> None:
    # Whoever holds the lock is the only one who trains, so another's run that says so is dead.
    dead = TrainingRun.objects.filter(kind=KIND, state=TrainingRun.State.RUNNING)
    dead.exclude(pk=run.pk).update(
        state=TrainingRun.State.FAILED,
        message="Its process ended before it was done.",
        finished_at=timezone.now(),
    )
