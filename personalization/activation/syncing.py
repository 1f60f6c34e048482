"""Push who is in a segment to a destination: only who agreed, and never fewer than ten."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F

from personalization.activation.alerting import raise_alert
from personalization.activation.audience_files import AT_ONCE, Part, Person, send_part
from personalization.activation.models import (
    Audience,
    AudienceMember,
    AudienceRun,
    Membership,
    WatchedSegment,
)
from personalization.activation.models.audience import LEASE
from personalization.activation.naming import named
from personalization.segments.members import FEWEST

logger = logging.getLogger(__name__)

MEMBERS_AT_ONCE: Final = 1_000
TOO_FEW: Final = (
    f"Fewer than {FEWEST} members agreed. A list so short points at single persons, so nobody is"
    " named; whoever was named before is taken out."
)
LOST: Final = "It never ended: its worker was stopped."

Clock = Callable[[], datetime]
T = TypeVar("T")


class AlreadyRunning(Exception):
    """The audience is being pushed."""


class NotTold(Exception):
    """The destination did not take a part; the message says why."""


@dataclass(slots=True)
class Push:
    """A run in progress."""

    audience: Audience
    run: AudienceRun
    clock: Clock

    def send(self, change: str, number: int, people: list[Person]) -> None:
        """Send one part; raises NotTold."""
        part = Part(change, number, people)
        outcome = send_part(self.audience, self.run, part, now=self.clock())
        if not outcome.delivered:
            raise NotTold(f"{outcome.code or 'No answer'}: {outcome.excerpt}")
        AudienceRun.objects.filter(pk=self.run.pk).update(seen_at=self.clock())


def due_audiences(*, now: datetime) -> list[int]:
    """Return the audiences whose time has come and whose segment has been counted."""
    counted = WatchedSegment.objects.filter(counted_at__isnull=False).values("segment")
    due = Audience.objects.due(now).filter(segment__in=counted)
    return list(due.values_list("pk", flat=True))


def sync_audience(audience_id: int, *, now: datetime, clock: Clock) -> AudienceRun:
    """Push one audience, and return the log of it; raises AlreadyRunning."""
    audience = Audience.objects.select_related("segment", "destination").get(pk=audience_id)
    push = Push(audience, _begin(audience, now=now), clock)
    try:
        _work(push)
    except NotTold as error:
        _fail(push, str(error))
    except Exception as error:
        logger.exception("The audience “%s” cannot be pushed.", audience)
        _fail(push, f"It failed with {type(error).__name__}; the log has more.")
    else:
        _finish(push)
    return push.run


def bury_lost_runs(*, now: datetime) -> None:
    """Call failed what has been silent for too long."""
    lost = AudienceRun.objects.filter(state=AudienceRun.State.RUNNING, seen_at__lte=now - LEASE)
    for run in lost:
        run.state, run.finished_at, run.message = AudienceRun.State.FAILED, now, LOST
        run.save()
        raise_alert(f"The audience “{run.audience_name}” was not pushed", LOST)


def _begin(audience: Audience, *, now: datetime) -> AudienceRun:
    try:
        with transaction.atomic():
            return AudienceRun.objects.create(
                audience=audience, audience_name=audience.name, started_at=now, seen_at=now
            )
    except IntegrityError as error:
        raise AlreadyRunning from error


def _work(push: Push) -> None:
    push.run.state = AudienceRun.State.DONE
    enough = sum(1 for _ in islice(_agreeing(push), FEWEST)) == FEWEST
    push.run.withheld = 0
    if not enough:
        push.run.state, push.run.message = AudienceRun.State.REFUSED, TOO_FEW
    size = AT_ONCE[push.audience.destination.kind]
    if push.audience.mode == Audience.Mode.FULL:
        _send_all(push, enough=enough, size=size)
    else:
        _send_changes(push, enough=enough, size=size)


def _send_all(push: Push, *, enough: bool, size: int) -> None:
    told: set[int] = set()
    if enough:
        for number, people in enumerate(_batches(_agreeing(push), size), start=1):
            _name(push, "members", number, people)
            told |= {one.profile_id for one in people}
    elif push.audience.members.exists():
        push.send("members", 1, [])
    push.run.members = push.run.added = len(told)
    gone = push.audience.members.exclude(profile_id__in=told)
    push.run.removed = gone.delete()[0]


def _send_changes(push: Push, *, enough: bool, size: int) -> None:
    members = push.audience.members
    agreeing: set[int] = set()
    number = 0
    if enough:
        for people in _batches(_agreeing(push), size):
            ids = {one.profile_id for one in people}
            agreeing |= ids
            confirmed = members.filter(profile_id__in=ids, is_confirmed=True)
            known = set(confirmed.values_list("profile_id", flat=True))
            added = [one for one in people if one.profile_id not in known]
            if added:
                number += 1
                _name(push, "added", number, added)
                push.run.added += len(added)
    _send_removed(push, agreeing, size=size)
    push.run.members = len(agreeing)


def _send_removed(push: Push, agreeing: set[int], *, size: int) -> None:
    gone = (one for one in push.audience.members.iterator() if one.profile_id not in agreeing)
    for number, rows in enumerate(_batches(gone, size), start=1):
        push.send("removed", number, [Person(one.profile_id, one.identifiers) for one in rows])
        AudienceMember.objects.filter(pk__in=[one.pk for one in rows]).delete()
        push.run.removed += len(rows)


def _name(push: Push, change: str, number: int, people: list[Person]) -> None:
    """Name people to the destination; who may have been named is written down first."""
    AudienceMember.objects.bulk_create(
        (
            AudienceMember(
                audience=push.audience,
                profile_id=one.profile_id,
                identifiers=dict(one.identifiers),
            )
            for one in people
        ),
        update_conflicts=True,
        unique_fields=["audience", "profile_id"],
        update_fields=["identifiers"],
    )
    push.send(change, number, people)
    named_now = push.audience.members.filter(profile_id__in=[one.profile_id for one in people])
    named_now.update(is_confirmed=True)


def _batches(left: Iterable[T], size: int) -> Iterator[list[T]]:
    remaining = iter(left)
    while batch := list(islice(remaining, size)):
        yield batch


def _agreeing(push: Push) -> Iterator[Person]:
    """Yield the members who agreed to the destination's purpose; the others are counted."""
    destination = push.audience.destination
    open_ones = Membership.objects.filter(
        segment_key=push.audience.segment.key, left_at__isnull=True
    ).order_by("profile_id")
    after = 0
    while True:
        following = open_ones.filter(profile_id__gt=after)
        ids = list(following.values_list("profile_id", flat=True)[:MEMBERS_AT_ONCE])
        if not ids:
            return
        people = named(ids)
        for pk in ids:
            who = people.get(pk)
            if who is not None and who.may_be_told(destination.purpose):
                yield Person(pk, who.names_for(destination))
            else:
                push.run.withheld += 1
        after = ids[-1]


def _finish(push: Push) -> None:
    now = push.clock()
    push.run.seen_at = push.run.finished_at = now
    push.run.save()
    again = push.audience.next_after(now=now, failed=False)
    Audience.objects.filter(pk=push.audience.pk).update(failures=0, next_run_at=again)


def _fail(push: Push, message: str) -> None:
    now = push.clock()
    push.run.state, push.run.message = AudienceRun.State.FAILED, message
    push.run.seen_at = push.run.finished_at = now
    push.run.save()
    push.audience.failures += 1
    again = push.audience.next_after(now=now, failed=True)
    Audience.objects.filter(pk=push.audience.pk).update(
        failures=F("failures") + 1, next_run_at=again
    )
    if push.audience.failures == 1:
        raise_alert(f"The audience “{push.audience}” was not pushed", message)
