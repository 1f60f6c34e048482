"""Recalculate who is in a watched segment: what time, other data and a new rule change.

In SQL, a few thousand profiles at a time. A run that fails says so, raises an alert and is tried
again; one whose worker was killed is noticed by its silence.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from personalization.activation.alerting import raise_alert
from personalization.activation.models import Membership, Transition, WatchedSegment
from personalization.activation.models.watched import LEASE
from personalization.activation.moving import enter, members_of, move
from personalization.activation.nudging import nudge
from personalization.profiles.models import Profile
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.querying import NotCountable, matching_profiles
from personalization.rules.references import among
from personalization.segments.publishing import Document, document_of, latest_publication

logger = logging.getLogger(__name__)

PROFILES_AT_ONCE: Final = 2_000
NOT_LIVE: Final = "It is not live, so nobody is in it."
LOST: Final = "The run of {started} UTC never ended: its worker was stopped."

Clock = Callable[[], datetime]


class TakenOver(Exception):
    """Another worker has begun anew since; this one must not write any more."""


@dataclass(frozen=True, slots=True)
class Run:
    """One recalculation; `is_first` takes stock and tells nobody."""

    watched: WatchedSegment
    key: str
    version: int
    cause: str
    is_first: bool
    now: datetime


def recalculate(watched_id: int, *, now: datetime, clock: Clock) -> bool:
    """Bring the memberships of one watched segment up to this moment; return whether it could.

    Does nothing where another worker is at it. `now` is the moment judged; `clock` tells how
    long it takes.
    """
    document, version = _live()
    run = _claim(watched_id, version=version, now=now)
    if run is None:
        return True
    try:
        members = _work(run, document, clock=clock)
    except TakenOver:
        logger.info("Another worker recalculates %r.", run.key)
        return True
    except (RuleError, NotCountable) as error:
        _fail(run, str(error), at=clock())
        return False
    except Exception as error:
        logger.exception("The segment %r cannot be recalculated.", run.key)
        # The kind only: a message may quote what it failed on.
        _fail(run, f"It failed with {type(error).__name__}; the log has more.", at=clock())
        return False
    _finish(run, members=members, at=clock())
    return True


def _live() -> tuple[Document, int]:
    latest = latest_publication()
    return document_of(latest), latest.version if latest else 0


@transaction.atomic
def _claim(watched_id: int, *, version: int, now: datetime) -> Run | None:
    free = WatchedSegment.objects.select_for_update(of=("self",), skip_locked=True)
    watched = free.select_related("segment").filter(pk=watched_id).first()
    if watched is None:
        return None
    if watched.state == WatchedSegment.State.RUNNING:
        if watched.seen_at is not None and watched.seen_at > now - LEASE:
            return None
        _note_lost(watched)
    is_new = watched.ruleset_version is None or watched.ruleset_version < version
    cause = Transition.Cause.PUBLISHED if is_new else Transition.Cause.TIME
    watched.state = WatchedSegment.State.RUNNING
    watched.started_at = watched.seen_at = now
    watched.save()
    is_first = watched.counted_at is None
    return Run(watched, watched.segment.key, version, cause, is_first, now)


def _note_lost(watched: WatchedSegment) -> None:
    watched.failures += 1
    watched.error = LOST.format(started=f"{watched.started_at:%Y-%m-%d %H:%M}")
    raise_alert(f"The segment “{watched}” was not recalculated", watched.error)


def _work(run: Run, document: Document, *, clock: Clock) -> int:
    """Go through all profiles and return how many are in it."""
    matching = _matching(run, document)
    members = 0
    for first, last in _ranges():
        members += _bring_up(run, matching.filter(pk__range=(first, last)), first, last)
        _show_life(run, at=clock())
    _let_go(run)
    return members


def _matching(run: Run, document: Document) -> "QuerySet[Profile]":
    segments = document["segments"]
    if run.key not in segments:
        return Profile.objects.none()
    rule = parse_rule(segments[run.key]["rule"])
    found = matching_profiles(rule, now=run.now, resolve=among(segments))
    # Who never agreed to be recognised has no facts, and is in nothing.
    return found.exclude(facts={})


def _ranges() -> Iterator[tuple[int, int]]:
    """Yield the first and last profile of each batch."""
    for ids in Profile.objects.id_batches(PROFILES_AT_ONCE):
        yield ids[0], ids[-1]


def _bring_up(run: Run, matching: "QuerySet[Profile]", first: int, last: int) -> int:
    is_now = set(matching.values_list("pk", flat=True))
    held = Membership.objects.filter(
        segment_key=run.key, profile_id__range=(first, last), left_at__isnull=True
    )
    was = set(held.values_list("profile_id", flat=True))
    if run.is_first:
        _take_stock(run, is_now=is_now, was=was)
    elif differing := is_now ^ was:
        _move(run, matching, sorted(differing))
    return len(is_now)


def _take_stock(run: Run, *, is_now: set[int], was: set[int]) -> None:
    Membership.objects.filter(segment_key=run.key, profile_id__in=was - is_now).delete()
    enter(((run.key, profile_id) for profile_id in is_now - was), now=run.now)


@transaction.atomic
def _move(run: Run, matching: "QuerySet[Profile]", differing: list[int]) -> None:
    """Judge those who differ again, now that no consumer may change them, and move them."""
    found = Profile.objects.select_for_update().filter(pk__in=differing).order_by("pk")
    locked = list(found.values_list("pk", flat=True))
    after = {(run.key, pk) for pk in matching.filter(pk__in=locked).values_list("pk", flat=True)}
    before = members_of([run.key], locked)
    moved = move(
        entering=after - before,
        leaving=before - after,
        cause=run.cause,
        version=run.version,
        now=run.now,
    )
    if moved:
        transaction.on_commit(nudge)


@transaction.atomic
def _let_go(run: Run) -> None:
    """End the memberships of profiles that are no more: they became part of another."""
    held = Membership.objects.filter(segment_key=run.key, left_at__isnull=True)
    gone = held.exclude(profile_id__in=Profile.objects.values("pk"))
    pairs = list(gone.values_list("segment_key", "profile_id"))
    if run.is_first:
        gone.delete()
    elif pairs:
        cause = Transition.Cause.GONE
        move(entering=(), leaving=pairs, cause=cause, version=run.version, now=run.now)
        transaction.on_commit(nudge)


def _mine(run: Run) -> "QuerySet[WatchedSegment]":
    running = WatchedSegment.State.RUNNING
    return WatchedSegment.objects.filter(
        pk=run.watched.pk, state=running, started_at=run.watched.started_at
    )


def _show_life(run: Run, *, at: datetime) -> None:
    if not _mine(run).update(seen_at=at):
        raise TakenOver


def _finish(run: Run, *, members: int, at: datetime) -> None:
    pause = timedelta(minutes=settings.SEGMENT_RECALCULATION_MINUTES)
    _mine(run).update(
        state=WatchedSegment.State.DONE,
        ruleset_version=run.version,
        counted_at=run.watched.counted_at or at,
        members=members,
        finished_at=at,
        seen_at=at,
        error="",
        failures=0,
        next_run_at=at + pause,
    )


def _fail(run: Run, message: str, *, at: datetime) -> None:
    changes: dict[str, Any] = {
        "state": WatchedSegment.State.FAILED,
        "finished_at": at,
        "error": message,
        "failures": F("failures") + 1,
    }
    run.watched.failures += 1
    changes["next_run_at"] = run.watched.next_after_failure(at)
    # One alert, not one each try: the admin shows how often it has failed since.
    if _mine(run).update(**changes) and run.watched.failures == 1:
        raise_alert(f"The segment “{run.watched}” was not recalculated", message)
