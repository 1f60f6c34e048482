"""Pass on who entered and left: to the stream, to webhooks, to triggers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from consent.purposes import PERSONALIZATION
from personalization.activation.models import Delivery, Destination, Transition
from personalization.activation.naming import Named, named, person_in
from personalization.activation.streaming import stream_out
from personalization.activation.triggering import fire_triggers
from personalization.segments.models import Segment

AT_ONCE: Final = 500
TOLD: Final[Mapping[str, str]] = {
    Transition.Kind.ENTERED: "tells_entered",
    Transition.Kind.LEFT: "tells_left",
}


@dataclass(frozen=True, slots=True)
class News:
    """Transitions, the names of their segments, and who they are about."""

    transitions: Sequence[Transition]
    names: Mapping[str, str]
    people: Mapping[int, Named]


def pass_news_on(*, now: datetime) -> int:
    """Pass on what waits, the oldest first; return how many that were.

    Raises redis.RedisError where nobody can tell who agreed; the news then waits.
    """
    passed = 0
    while batch := _pass_on(now=now):
        passed += batch
    return passed


@transaction.atomic
def _pass_on(*, now: datetime) -> int:
    waiting = Transition.objects.select_for_update(skip_locked=True)
    batch = list(waiting.filter(passed_on_at__isnull=True).order_by("pk")[:AT_ONCE])
    if not batch:
        return 0
    news = _gather(batch)
    agreeing = [one for one in batch if _agrees(news.people.get(one.profile_id))]
    _queue(agreeing, news, now=now)
    fire_triggers(agreeing, people=news.people, now=now)
    Transition.objects.filter(pk__in=[one.pk for one in batch]).update(passed_on_at=now)
    # Last: should anything before it fail, the stream has not told it yet. It may tell twice
    # where the commit fails, so each entry has an id.
    stream_out(agreeing)
    return len(batch)


def _gather(batch: Sequence[Transition]) -> News:
    keys = {one.segment_key for one in batch}
    names = dict(Segment.objects.filter(key__in=keys).values_list("key", "name"))
    return News(batch, names, named({one.profile_id for one in batch}))


def _agrees(who: Named | None) -> bool:
    return who is not None and who.choices.allows(PERSONALIZATION)


def _queue(transitions: Iterable[Transition], news: News, *, now: datetime) -> None:
    by_key = _webhooks(news.names)
    Delivery.objects.bulk_create(
        (
            _delivery(one, destination, news, now=now)
            for one in transitions
            for destination in by_key[one.segment_key]
            if getattr(destination, TOLD[one.kind])
            and news.people[one.profile_id].may_be_told(destination.purpose)
        ),
        ignore_conflicts=True,
    )


def _webhooks(names: Mapping[str, str]) -> dict[str, list[Destination]]:
    found: dict[str, list[Destination]] = defaultdict(list)
    active = Destination.objects.in_force().filter(
        kind=Destination.Kind.WEBHOOK, segments__key__in=names
    )
    for destination in active.distinct().prefetch_related("segments"):
        for segment in destination.segments.all():
            found[segment.key].append(destination)
    return found


def _delivery(one: Transition, destination: Destination, news: News, *, now: datetime) -> Delivery:
    data: dict[str, Any] = {
        "segment": {"key": one.segment_key, "name": news.names[one.segment_key]},
        "cause": one.cause,
        "ruleset_version": one.ruleset_version,
        **person_in(destination, one.profile_id, news.people[one.profile_id]),
    }
    kind = f"segment.{one.kind}"
    return Delivery(
        destination=destination,
        type=kind,
        body={"type": kind, "timestamp": one.at.isoformat(), "data": data},
        profile_id=one.profile_id,
        transition_id=one.pk,
        created_at=now,
        next_try_at=now,
    )
