"""Do what is to follow when somebody enters a segment."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from celery import current_app
from django.conf import settings

from personalization.activation.alerting import raise_alert
from personalization.activation.due import make_due
from personalization.activation.models import Delivery, Firing, Transition, Trigger
from personalization.activation.naming import Named, person_in

Fire = Callable[[Trigger, Transition, Named, datetime], bool]


def fire_triggers(
    transitions: Iterable[Transition], *, people: Mapping[int, Named], now: datetime
) -> int:
    """Fire the triggers of those who entered, each as often as it may; return how many fired.

    Call it in the transaction that marks the transitions as passed on.
    """
    entered = [one for one in transitions if one.kind == Transition.Kind.ENTERED]
    by_key = _triggers({one.segment_key for one in entered})
    fired = 0
    for one in entered:
        for trigger in by_key[one.segment_key]:
            fired += _fire(trigger, one, people[one.profile_id], now=now)
    return fired


def _triggers(keys: set[str]) -> Mapping[str, Sequence[Trigger]]:
    found: dict[str, list[Trigger]] = defaultdict(list)
    active = Trigger.objects.in_force().filter(segment__key__in=keys)
    for trigger in active.select_related("segment", "activity", "destination"):
        found[trigger.segment.key].append(trigger)
    return found


def _fire(trigger: Trigger, one: Transition, who: Named, *, now: datetime) -> bool:
    rested = now - timedelta(hours=trigger.every_hours)
    lately = Firing.objects.filter(trigger=trigger, profile_id=one.profile_id, fired_at__gt=rested)
    if lately.exists() or not FIRE[trigger.kind](trigger, one, who, now):
        return False
    ends_at = None
    if trigger.kind == Trigger.Kind.ACTIVITY:
        ends_at = now + timedelta(hours=trigger.within_hours)
    Firing.objects.create(trigger=trigger, profile_id=one.profile_id, fired_at=now, ends_at=ends_at)
    return True


def _show_activity(trigger: Trigger, one: Transition, who: Named, now: datetime) -> bool:
    if trigger.activity is None:  # a constraint keeps it from being so
        return False
    until = now + timedelta(hours=trigger.within_hours)
    make_due(one.profile_id, activity=trigger.activity.key, until=until)
    return True


def _ask_for_email(trigger: Trigger, one: Transition, who: Named, now: datetime) -> bool:
    destination = trigger.destination
    if destination is None or not destination.is_in_force:
        return False
    if not who.may_be_told(destination.purpose):
        return False
    data: dict[str, Any] = {
        "template": trigger.template,
        "segment": {"key": one.segment_key, "name": trigger.segment.name},
        **person_in(destination, one.profile_id, who),
    }
    kind = "email.requested"
    Delivery.objects.create(
        destination=destination,
        type=kind,
        body={"type": kind, "timestamp": one.at.isoformat(), "data": data},
        profile_id=one.profile_id,
        created_at=now,
        next_try_at=now,
    )
    return True


def _run_task(trigger: Trigger, one: Transition, who: Named, now: datetime) -> bool:
    if trigger.task not in settings.TRIGGER_TASKS:
        raise_alert(str(trigger), f"The task {trigger.task} is not among settings.TRIGGER_TASKS.")
        return False
    told = {"segment": one.segment_key, "profile_id": one.profile_id, "at": one.at.isoformat()}
    # Before the commit: without a broker the transition waits, rather than the task be lost.
    current_app.send_task(trigger.task, kwargs=told, retry=False)
    return True


FIRE: Final[Mapping[str, Fire]] = {
    Trigger.Kind.ACTIVITY: _show_activity,
    Trigger.Kind.EMAIL: _ask_for_email,
    Trigger.Kind.TASK: _run_task,
}
