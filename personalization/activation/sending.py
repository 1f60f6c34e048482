"""Send what is due to the destinations, and keep what each answered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, JSONField, Value
from django.db.models.expressions import CombinedExpression

from personalization.activation.alerting import raise_alert
from personalization.activation.models import Delivery, Destination, Told
from personalization.activation.naming import named
from personalization.activation.telling import Outcome, tell

AT_ONCE: Final = 100
# So long a delivery is left alone once a worker has taken it, and again from when it is sent.
LEASE: Final = timedelta(minutes=3)
GONE: Final = 410
ERASED: Final = "person.erased"

MILLISECOND: Final = timedelta(milliseconds=1)

Clock = Callable[[], datetime]
Tried = dict[str, Any]


def deliver_due(*, now: datetime, clock: Clock) -> int:
    """Try what is due, and return how many were tried; each is in one worker's hands only.

    Raises redis.RedisError where nobody can tell who agreed; what waits is then tried later.
    """
    tried = 0
    while batch := _claim(now=now):
        for delivery in batch:
            _try(delivery, clock=clock)
        tried += len(batch)
    return tried


def send_again(delivery: Delivery, *, now: datetime) -> None:
    """Let a delivery be tried anew, from the first try."""
    delivery.state = Delivery.State.WAITING
    delivery.attempts = 0
    delivery.created_at = delivery.next_try_at = now
    delivery.ended_at = None
    # What was tried before stays.
    delivery.save(update_fields=["state", "attempts", "created_at", "next_try_at", "ended_at"])


def try_out(destination: Destination, *, clock: Clock) -> Delivery:
    """Send a test at once, whatever else waits, and return what came of it."""
    now = clock()
    body = {"type": "test", "timestamp": now.isoformat(), "data": {"says": "It works."}}
    delivery = Delivery.objects.create(
        destination=destination, type="test", body=body, created_at=now, next_try_at=None
    )
    outcome, tried = _send(delivery, clock=clock)
    delivery.attempts, delivery.tries = 1, [tried]
    delivery.state = Delivery.State.DELIVERED if outcome.delivered else Delivery.State.FAILED
    delivery.response_code, delivery.excerpt = outcome.code, outcome.excerpt
    delivery.ended_at = now
    delivery.save()
    return delivery


@transaction.atomic
def _claim(*, now: datetime) -> list[Delivery]:
    free = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).due(now)
    in_order = free.select_related("destination").order_by("next_try_at", "transition_id", "pk")
    batch = list(in_order[:AT_ONCE])
    for delivery in batch:
        delivery.next_try_at = now + LEASE
    Delivery.objects.filter(pk__in=[one.pk for one in batch]).update(next_try_at=now + LEASE)
    return batch


def _hold(delivery: Delivery, *, at: datetime) -> bool:
    """Begin its lease anew; False where those before it took so long that another worker has it."""
    ours = Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.WAITING, next_try_at=delivery.next_try_at
    )
    return bool(ours.update(next_try_at=at + LEASE))


def _send(delivery: Delivery, *, clock: Clock) -> tuple[Outcome, Tried]:
    began = clock()
    outcome = tell(delivery.destination, id=delivery.pk, body=delivery.body, now=began)
    took = max(clock() - began, timedelta(0))
    tried: Tried = {"at": began.isoformat(), "ms": took // MILLISECOND}
    return outcome, tried | {"code": outcome.code, "said": outcome.excerpt}


def _try(delivery: Delivery, *, clock: Clock) -> None:
    destination = Destination.objects.in_force().filter(pk=delivery.destination_id).first()
    if destination is None or not _hold(delivery, at=clock()):
        return
    # Those before it may have taken minutes: it is told where it is by now.
    delivery.destination = destination
    if not _may_leave(delivery):
        _end(delivery, Delivery.State.WITHHELD, at=clock())
        return
    _note_told(delivery, at=clock())
    outcome, tried = _send(delivery, clock=clock)
    _note_try(delivery, tried)
    delivery.attempts += 1
    delivery.response_code, delivery.excerpt = outcome.code, outcome.excerpt
    if outcome.delivered:
        _delivered(delivery, at=clock())
    else:
        _failed(delivery, outcome, at=clock())


def _note_try(delivery: Delivery, tried: Tried) -> None:
    # Added by the database: where two workers had it, both tries are kept.
    added = CombinedExpression(F("tries"), "||", Value([tried], JSONField()))
    Delivery.objects.filter(pk=delivery.pk).update(tries=added)


def _note_told(delivery: Delivery, *, at: datetime) -> None:
    if delivery.profile_id is not None:
        Told.objects.update_or_create(
            destination_id=delivery.destination_id,
            profile_id=delivery.profile_id,
            defaults={"identifiers": delivery.body["data"]["identifiers"], "at": at},
        )


def _may_leave(delivery: Delivery) -> bool:
    """Ask again: a choice may have been withdrawn while the news waited."""
    if delivery.profile_id is None:
        return True
    who = named([delivery.profile_id]).get(delivery.profile_id)
    return who is not None and who.may_be_told(delivery.destination.purpose)


def _delivered(delivery: Delivery, *, at: datetime) -> None:
    if delivery.type == ERASED:
        # It is acknowledged; whom it was about need not be known any more.
        delivery.body, delivery.excerpt = {"type": ERASED}, ""
        _forget_answers(delivery)
    _end(delivery, Delivery.State.DELIVERED, at=at)
    Destination.objects.filter(pk=delivery.destination_id).exclude(failures=0).update(failures=0)


def _forget_answers(delivery: Delivery) -> None:
    """Forget what was answered before: it may repeat whom the news was about, and is kept on."""
    kept = Delivery.objects.filter(pk=delivery.pk).values_list("tries", flat=True).first() or []
    bare = [{**tried, "said": ""} for tried in kept]
    Delivery.objects.filter(pk=delivery.pk).update(tries=bare)


def _failed(delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    again = None if outcome.code == GONE else delivery.next_after_failure(at)
    if again is None:
        _end(delivery, Delivery.State.FAILED, at=at)
        if delivery.type == ERASED:
            raise_alert(
                f"“{delivery.destination}” has not acknowledged an erasure",
                f"Delivery {delivery.pk} was given up. Tell them by hand, or send it again.",
            )
    else:
        delivery.next_try_at = again
        _write(delivery)
    _count_failure(delivery.destination, outcome)


def _end(delivery: Delivery, state: str, *, at: datetime) -> None:
    delivery.state = state
    delivery.ended_at, delivery.next_try_at = at, None
    _write(delivery)


def _write(delivery: Delivery) -> None:
    # An update, not a save: where the person was erased meanwhile, the row must not come back.
    Delivery.objects.filter(pk=delivery.pk).update(
        state=delivery.state,
        body=delivery.body,
        attempts=delivery.attempts,
        response_code=delivery.response_code,
        excerpt=delivery.excerpt,
        next_try_at=delivery.next_try_at,
        ended_at=delivery.ended_at,
    )


def _count_failure(destination: Destination, outcome: Outcome) -> None:
    held = Destination.objects.filter(pk=destination.pk, is_active=True)
    held.update(failures=F("failures") + 1)
    said = outcome.code or outcome.excerpt
    reason = f"It failed {settings.DESTINATION_FAILURES} times in a row, at last with: {said}"
    off = held.filter(failures__gte=settings.DESTINATION_FAILURES)
    if outcome.code == GONE:
        reason, off = "It answered 410: it wants no more news.", held
    if off.update(is_active=False, disabled_because=reason):
        raise_alert(f"The destination “{destination}” is switched off", reason)
