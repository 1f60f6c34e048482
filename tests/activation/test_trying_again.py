"""Webhooks are told again until they answer, or are switched off."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
import redis
from django.conf import LazySettings
from django.core import mail

from personalization.activation.models import Delivery, Destination, Transition
from personalization.activation.passing_on import pass_news_on
from personalization.activation.sending import deliver_due, send_again
from tests.factories import NOON

from .conftest import Receiver
from .world import DAY, act, make_destination, make_segment, pass_on, visitor

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ads(receiver: Receiver) -> Destination:
    return make_destination(receiver.url, make_segment())


def deliver(*, now: Any = NOON) -> None:
    deliver_due(now=now, clock=lambda: now)


def test_a_failure_is_tried_again_later_each_time_for_a_day(
    ads: Destination, receiver: Receiver
) -> None:
    receiver.will_answer(*[500] * 40, body=b"busy\0now")
    act(visitor())
    pass_on()
    first = Delivery.objects.get()

    tries = [NOON]
    while (waiting := Delivery.objects.get()).state == "waiting":
        deliver(now=waiting.next_try_at)
        assert waiting.next_try_at
        tries.append(waiting.next_try_at)

    assert (first.response_code, first.excerpt) == (500, "busynow")
    assert [later - before for before, later in pairwise(tries[:4])] == [
        timedelta(seconds=30),
        MINUTE,
        2 * MINUTE,
    ]
    assert tries[-1] <= NOON + DAY
    last = Delivery.objects.get()
    assert (last.state, last.next_try_at, last.attempts) == ("failed", None, len(tries))
    assert len({one.body for one in receiver.got}) == 1
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.got}) == len(tries)


def test_every_try_says_when_it_was_how_long_it_took_and_what_came_back(
    ads: Destination, receiver: Receiver
) -> None:
    receiver.will_answer(503, body=b"busy")
    act(visitor())
    pass_news_on(now=NOON)
    ticks = count()

    def clock() -> datetime:
        return NOON + timedelta(milliseconds=40 * next(ticks))

    deliver_due(now=NOON, clock=clock)
    deliver_due(now=NOON + MINUTE, clock=clock)

    first, second = Delivery.objects.get().tries
    assert datetime.fromisoformat(first["at"]) >= NOON
    assert datetime.fromisoformat(second["at"]) > datetime.fromisoformat(first["at"])
    assert {**first, "at": ""} == {"at": "", "ms": 40, "code": 503, "said": "busy"}
    assert {**second, "at": ""} == {"at": "", "ms": 40, "code": 204, "said": ""}


def test_a_try_that_reached_nobody_says_so_in_words(ads: Destination, receiver: Receiver) -> None:
    Destination.objects.update(url="http://127.0.0.1:1/")
    act(visitor())

    pass_on()

    [tried] = Delivery.objects.get().tries
    assert (tried["code"], tried["said"]) == (None, "It cannot be reached.")


def test_a_try_is_not_lost_to_another_worker(ads: Destination, receiver: Receiver) -> None:
    act(visitor())
    pass_news_on(now=NOON)
    other = {"at": NOON.isoformat(), "ms": 1, "code": 500, "said": ""}

    def meanwhile() -> datetime:
        Delivery.objects.filter(tries=[]).update(tries=[other])
        return NOON

    deliver_due(now=NOON, clock=meanwhile)

    assert [one["code"] for one in Delivery.objects.get().tries] == [500, 204]


def test_a_slow_batch_is_not_sent_twice(ads: Destination, receiver: Receiver) -> None:
    for name in ("anna", "bert", "carl"):
        act(visitor(name))
    pass_news_on(now=NOON)
    others = iter([True])

    def clock() -> datetime:
        """Let each answer take 100 seconds, and another worker come by during the second."""
        now = NOON + timedelta(seconds=100 * len(receiver.got))
        if len(receiver.got) == 2 and next(others, False):
            deliver_due(now=now, clock=lambda: now)
        return now

    deliver_due(now=NOON, clock=clock)

    assert len({one.headers["webhook-id"] for one in receiver.got}) == 3
    assert len(receiver.got) == 3
    assert {one.state for one in Delivery.objects.all()} == {"delivered"}


def test_nothing_is_tried_before_its_time_and_success_ends_it(
    ads: Destination, receiver: Receiver
) -> None:
    receiver.will_answer(503)
    act(visitor())
    pass_on()
    deliver(now=NOON + timedelta(seconds=29))
    assert len(receiver.got) == 1
    assert Destination.objects.get().failures == 1

    deliver(now=NOON + timedelta(seconds=30))
    deliver(now=NOON + DAY)

    assert len(receiver.got) == 2
    assert Delivery.objects.get().state == "delivered"
    assert Destination.objects.get().failures == 0


def test_a_worker_killed_while_sending_leaves_it_to_the_next(
    ads: Destination, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(visitor())
    pass_news_on(now=NOON)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("personalization.activation.sending.tell", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    deliver()
    assert receiver.got == []

    deliver(now=NOON + 3 * MINUTE)

    assert len(receiver.got) == 1


def test_a_destination_that_keeps_failing_is_switched_off_with_an_alert(
    ads: Destination, receiver: Receiver, settings: LazySettings
) -> None:
    settings.DESTINATION_FAILURES = 2
    settings.ADMINS = [("", "ops@example.com")]
    receiver.will_answer(500, 500, 500)
    for number in range(3):
        act(visitor(f"v{number}"))
    pass_on()

    off = Destination.objects.get()
    assert not off.is_active
    assert off.disabled_because == "It failed 2 times in a row, at last with: 500"
    assert len(receiver.got) == 2
    assert mail.outbox[0].subject == "[Django] The destination “Ads” is switched off"
    Destination.objects.update(is_active=True, failures=0)
    receiver.answers.clear()
    deliver(now=NOON + 5 * MINUTE)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_receiver_that_says_it_is_gone_is_not_asked_again(
    ads: Destination, receiver: Receiver
) -> None:
    receiver.will_answer(410)
    act(visitor())

    pass_on()

    assert not Destination.objects.get().is_active
    assert Delivery.objects.get().state == "failed"


def test_sending_again_starts_over(ads: Destination, receiver: Receiver) -> None:
    receiver.will_answer(410)
    act(visitor())
    pass_on()
    Destination.objects.update(is_active=True)

    send_again(Delivery.objects.get(), now=NOON + 3 * DAY)
    deliver(now=NOON + 3 * DAY)

    again = Delivery.objects.get()
    assert (again.state, again.attempts) == ("delivered", 1)
    assert [one["code"] for one in again.tries] == [410, 204]


def test_while_nobody_can_tell_who_agreed_the_news_waits(
    ads: Destination, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(visitor())

    def away(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        raise redis.ConnectionError

    with monkeypatch.context() as outage:
        outage.setattr("personalization.activation.naming.choices_behind", away)
        with pytest.raises(redis.RedisError):
            pass_on()
    assert Transition.objects.filter(passed_on_at__isnull=True).count() == 1

    pass_on()

    assert len(receiver.got) == 1
