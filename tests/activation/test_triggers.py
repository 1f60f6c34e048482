"""What follows when somebody enters: an activity, an e-mail, a task; each as often as it may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import shared_task
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.keyspaces import patient_redis_connection, redis_connection
from personalization.activation.due import DUE, is_shown, write_down_shown
from personalization.activation.models import Delivery, Firing, Trigger
from personalization.activation.passing_on import pass_news_on
from personalization.activation.pruning import delete_old
from personalization.config.celery import app
from personalization.content.models import Activity, Placement
from personalization.content.publishing import publish_activity
from personalization.content.rulesets import forget_ruleset
from personalization.decisions.deciding import decide
from personalization.decisions.exposing import expose
from personalization.decisions.knowing import know
from personalization.decisions.visitors import Visitor
from personalization.pipeline.warming import warm_if_cold
from personalization.profiles.models import Profile
from personalization.profiles.remembering import mirror
from personalization.segments.models import Segment
from personalization.segments.publishing import announce_latest
from tests.factories import NOON

from .conftest import Receiver
from .world import PURPOSES, act, make_destination, make_segment, pass_on, visitor, watch

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RAN: list[dict[str, Any]] = []


@shared_task(name="tests.note")
def note(**told: Any) -> None:
    RAN.append(told)


@pytest.fixture
def buyers() -> Segment:
    segment = make_segment()
    watch(segment)
    return segment


def make_activity(name: str, *, segment: Segment | None = None, priority: int = 50) -> Activity:
    placement, _ = Placement.objects.get_or_create(key="home", defaults={"name": "Home"})
    activity = Activity.objects.create(
        name=name, placement=placement, segment=segment, priority=priority
    )
    activity.variations.create(name="A", kind="html", html=f"<p>{name}</p>", weight=1)
    publish_activity(activity=activity, by="ann", now=NOON)
    forget_ruleset()
    return activity


def enter_again(anna: Profile, segment: Segment, *, now: Any) -> None:
    watch(segment, now=now + timedelta(days=31))
    act(anna, now=now + timedelta(days=31))


def shown(anna: Profile, *, now: Any) -> Any:
    mirror([anna.pk])
    who = Visitor(anonymous_id="", user_id="anna")
    knowledge = know(who)
    (decision,) = decide(placements=["home"], visitor=who, knowledge=knowledge, context={}, now=now)
    expose([decision], visitor=who, knowledge=knowledge, now=now)
    return decision


@pytest.fixture
def thanks(buyers: Segment) -> Activity:
    """Two activities: one for everyone; one for nobody, unless a trigger shows it."""
    make_activity("For everyone", priority=90)
    nobody = make_segment("Nobody", {"all": [{**bought_much()}]})
    thanks = make_activity("Thanks", segment=nobody, priority=1)
    Trigger.objects.create(segment=buyers, kind="activity", activity=thanks, within_hours=2)
    return thanks


def bought_much() -> dict[str, Any]:
    return {"fact": "count", "event": "purchase", "operator": "at_least", "value": 1000}


def test_an_activity_is_shown_once_at_the_next_decision(thanks: Activity) -> None:
    anna = visitor()
    assert shown(anna, now=NOON).activity.key == "for-everyone"
    act(anna)
    now = timezone.now()  # Redis forgets by its own clock
    pass_news_on(now=now)

    due = shown(anna, now=now + HOUR)

    assert due.activity.key == "thanks"
    assert due.reason.code == "triggered"
    assert "entered a segment" in due.reason.text
    assert shown(anna, now=now + HOUR).activity.key == "for-everyone"


def test_an_activity_that_was_not_shown_in_time_is_not_due_any_more(thanks: Activity) -> None:
    anna = visitor()
    act(anna)
    now = timezone.now()
    pass_news_on(now=now)
    assert redis_connection().ttl(DUE.key(anna.pk)) in range(7_100, 7_202)

    assert shown(anna, now=now + 2 * HOUR).activity.key == "for-everyone"
    assert shown(anna, now=now + HOUR).activity.key == "thanks"


def test_what_is_due_survives_a_redis_that_lost_its_memory(thanks: Activity) -> None:
    anna, bert = visitor("anna"), visitor("bert")
    act(anna)
    act(bert)
    now = timezone.now()
    pass_news_on(now=now)
    is_shown(bert.pk, ["thanks"], now=now)
    assert write_down_shown() == 1
    patient_redis_connection().flushdb()

    warm_if_cold()

    announce_latest()
    assert shown(anna, now=now + HOUR).activity.key == "thanks"
    assert not redis_connection().exists(DUE.key(bert.pk))
    assert Firing.objects.exclude(shown_at=None).values_list("profile_id").get() == (bert.pk,)


def test_what_was_shown_is_written_down_once(thanks: Activity) -> None:
    anna = visitor()
    act(anna)
    now = timezone.now()
    pass_news_on(now=now)
    shown(anna, now=now + HOUR)

    assert (write_down_shown(), write_down_shown()) == (1, 0)
    assert Firing.objects.get().shown_at == now + HOUR


def test_what_is_due_is_kept_for_as_long_as_it_is(thanks: Activity) -> None:
    Trigger.objects.update(within_hours=24 * 60)
    act(visitor())
    now = timezone.now()
    pass_news_on(now=now)

    delete_old(now=now + timedelta(days=59))
    assert Firing.objects.exists()
    delete_old(now=now + timedelta(days=61))
    assert not Firing.objects.exists()


def test_without_consent_to_personalization_nothing_is_due(thanks: Activity) -> None:
    anna = visitor(to=tuple(one for one in PURPOSES if one != "personalization"))
    act(anna)
    pass_news_on(now=NOON)

    assert not Firing.objects.exists()
    assert shown(anna, now=NOON).activity.key == "for-everyone"


def test_a_trigger_fires_as_often_as_it_may(
    buyers: Segment, settings: LazySettings, receiver: Receiver
) -> None:
    mail = make_destination(receiver.url, name="Mail", purpose="functional")
    Trigger.objects.create(
        segment=buyers, kind="email", destination=mail, template="welcome", every_hours=24 * 40
    )
    anna = visitor()
    act(anna)
    pass_on()
    enter_again(anna, buyers, now=NOON)
    pass_on(now=NOON + timedelta(days=31))
    assert receiver.types == ["email.requested"]
    enter_again(anna, buyers, now=NOON + timedelta(days=31))
    pass_on(now=NOON + timedelta(days=62))

    assert receiver.types == ["email.requested"] * 2
    asked = receiver.got[0].json["data"]
    assert (asked["template"], asked["segment"]["key"]) == ("welcome", "buyers")
    assert asked["profile"] == anna.pk
    assert Firing.objects.count() == 2


def test_an_e_mail_needs_consent_to_what_it_is_for(buyers: Segment, receiver: Receiver) -> None:
    mail = make_destination(receiver.url, name="Mail", purpose="sale_or_sharing")
    Trigger.objects.create(segment=buyers, kind="email", destination=mail, template="welcome")
    act(visitor())

    pass_on()

    assert receiver.got == []
    assert not Firing.objects.exists()


def test_a_task_that_settings_allow_is_run(
    buyers: Segment, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    RAN.clear()
    # What a worker would do with it, at once.
    monkeypatch.setattr(app, "send_task", lambda name, kwargs, retry: app.tasks[name](**kwargs))
    settings.TRIGGER_TASKS = ["tests.note"]
    Trigger.objects.create(segment=buyers, kind="task", task="tests.note")
    Trigger.objects.create(segment=buyers, kind="task", task="tests.other")
    anna = visitor()
    act(anna)

    pass_on()

    assert [{"segment": "buyers", "profile_id": anna.pk, "at": NOON.isoformat()}] == RAN
    assert Firing.objects.count() == 1


def test_only_entering_fires_and_only_what_is_active(buyers: Segment, receiver: Receiver) -> None:
    mail = make_destination(receiver.url, name="Mail", purpose="functional")
    Trigger.objects.create(
        segment=buyers, kind="email", destination=mail, template="t", is_active=False
    )
    anna = visitor()
    act(anna)
    pass_on()
    Trigger.objects.update(is_active=True)
    watch(buyers, now=NOON + timedelta(days=31))
    pass_on(now=NOON + timedelta(days=31))

    assert receiver.got == []
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("kind", ["activity", "email", "task"])
def test_the_database_refuses_a_trigger_that_lacks_what_it_does(
    buyers: Segment, kind: str, django_assert_num_queries: Callable[..., Any]
) -> None:
    with transaction.atomic(), pytest.raises(IntegrityError):
        Trigger.objects.create(segment=buyers, kind=kind)
