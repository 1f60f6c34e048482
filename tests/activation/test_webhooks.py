"""Webhooks are told who enters and leaves: signed, again until they answer, and only what may be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import LazySettings
from django.core import mail

from consent.keyspaces import patient_redis_connection
from consent.purposes import ADVERTISING
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.activation.confiding import secret_of
from personalization.activation.models import Delivery, Destination, Transition
from personalization.activation.passing_on import pass_news_on
from personalization.activation.sending import deliver_due, send_again, try_out
from personalization.activation.signing import new_secret, signed_headers
from personalization.activation.streaming import STREAM
from personalization.vault.sealing import Tampered

from .conftest import SECRET, Receiver
from .world import DAY, NOON, act, make_destination, make_segment, pass_on, visitor, watch

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ads(receiver: Receiver) -> Destination:
    return make_destination(receiver.url, make_segment())


def deliver(*, now: Any = NOON) -> None:
    deliver_due(now=now, clock=lambda: now)


def test_the_signature_is_the_one_of_the_standard() -> None:
    # The example of the Standard Webhooks libraries.
    headers = signed_headers(
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        secret=SECRET,
        now=datetime_of(1614265330),
    )

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"
    assert new_secret() != new_secret()


def datetime_of(seconds: int) -> Any:
    return NOON + timedelta(seconds=seconds - NOON.timestamp())


def test_who_enters_is_told_by_pseudonym_and_who_leaves_too(
    ads: Destination, receiver: Receiver
) -> None:
    anna = visitor()
    act(anna)
    pass_on()
    watch(ads.segments.get(), now=NOON + 30 * DAY)
    pass_on(now=NOON + 30 * DAY)

    assert receiver.types == ["segment.entered", "segment.left"]
    news = receiver.got[0].json
    assert news == {
        "type": "segment.entered",
        "timestamp": NOON.isoformat(),
        "data": {
            "segment": {"key": "buyers", "name": "Buyers"},
            "cause": "act",
            "ruleset_version": 1,
            "profile": anna.pk,
            "identifiers": {"user": [Identifier("user", "anna").pseudonym]},
        },
    }
    assert b"anna" not in receiver.got[0].body
    delivered = Delivery.objects.get(type="segment.entered")
    assert (delivered.state, delivered.response_code, delivered.attempts) == ("delivered", 204, 1)
    assert receiver.got[0].headers["webhook-id"] == delivered.pk


def test_only_what_was_asked_for_is_told(receiver: Receiver) -> None:
    segment = make_segment()
    make_destination(receiver.url, segment, tells_entered=False, identifier_kinds=[])
    act(visitor())
    watch(segment, now=NOON + 30 * DAY)
    pass_on(now=NOON + 30 * DAY)

    assert receiver.types == ["segment.left"]
    assert receiver.got[0].json["data"]["identifiers"] == {}


def test_nothing_leaves_without_consent_to_the_purpose_of_the_destination(
    ads: Destination, receiver: Receiver
) -> None:
    act(visitor("no", to=("analytics", "personalization")))
    act(visitor("neither", to=("analytics", ADVERTISING)))

    pass_on()

    assert receiver.got == []
    assert not Delivery.objects.exists()
    assert not Transition.objects.filter(passed_on_at__isnull=True).exists()


def test_consent_withdrawn_while_the_news_waits_keeps_it_here(
    ads: Destination, receiver: Receiver
) -> None:
    act(visitor())
    pass_news_on(now=NOON)
    record_choices(
        subject=Subject.of(user_id="anna"),
        choices={ADVERTISING: False},
        mechanism="API",
        now=NOON,
    )

    deliver()

    assert receiver.got == []
    assert Delivery.objects.get().state == "withheld"


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
        tries.append(waiting.next_try_at)

    assert (first.response_code, first.excerpt) == (500, "busynow")
    assert [later - before for before, later in zip(tries, tries[1:4], strict=False)] == [
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


def test_news_passed_on_twice_is_told_once(ads: Destination, receiver: Receiver) -> None:
    act(visitor())
    pass_on()
    # As after a commit that failed once the stream had been told.
    Transition.objects.update(passed_on_at=None)

    pass_on()

    assert len(receiver.got) == 1


def test_a_worker_killed_while_sending_leaves_it_to_the_next(
    ads: Destination, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(visitor())
    pass_news_on(now=NOON)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr("personalization.activation.sending.tell", killed)
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


def test_a_redirect_is_not_followed(ads: Destination, receiver: Receiver) -> None:
    receiver.will_answer(302, Location=receiver.url + "/elsewhere")
    act(visitor())

    pass_on()

    assert [one.path for one in receiver.got] == ["/news"]
    assert Delivery.objects.get().response_code == 302


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "http://localhost:1/", "http://169.254.169.254/latest"]
)
def test_our_own_network_is_not_reached(
    address: str, receiver: Receiver, settings: LazySettings
) -> None:
    settings.CONNECTOR_NETWORKS = []

    tried = try_out(make_destination(address), now=NOON)

    assert tried.state == "failed"
    assert "in our own network" in tried.excerpt


def test_a_receiver_that_is_not_there_is_a_failure_without_its_address() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.CONNECTOR_NETWORKS", ["127.0.0.0/8"])
        tried = try_out(make_destination("http://127.0.0.1:1/secret-path"), now=NOON)

    assert (tried.state, tried.response_code, tried.excerpt) == (
        "failed",
        None,
        "It cannot be reached.",
    )


def test_sending_again_starts_over(ads: Destination, receiver: Receiver) -> None:
    receiver.will_answer(410)
    act(visitor())
    pass_on()
    Destination.objects.update(is_active=True)

    send_again(Delivery.objects.get(), now=NOON + 3 * DAY)
    deliver(now=NOON + 3 * DAY)

    again = Delivery.objects.get()
    assert (again.state, again.attempts) == ("delivered", 1)


def test_the_secret_is_sealed_and_opens_only_in_its_row(ads: Destination) -> None:
    stored = Destination.objects.get()
    assert SECRET.encode() not in bytes(stored.sealed_secret)
    assert secret_of(stored) == SECRET

    other = Destination(name="Other", sealed_secret=stored.sealed_secret)
    with pytest.raises(Tampered):
        secret_of(other)


def test_a_secret_that_does_not_open_is_a_failure_that_says_so(
    ads: Destination, receiver: Receiver
) -> None:
    Destination.objects.update(sealed_secret=b"")
    act(visitor())

    pass_on()

    assert "Its secret does not open" in Delivery.objects.get().excerpt
    assert receiver.got == []


def test_the_stream_tells_the_same_and_stays_short(settings: LazySettings) -> None:
    settings.TRANSITIONS_KEPT = 100
    segment = make_segment()
    watch(segment)
    anna = visitor()
    act(anna)
    pass_news_on(now=NOON)

    ((_, entry),) = patient_redis_connection().xrange(STREAM)
    assert {name.decode(): value.decode() for name, value in entry.items()} == {
        "id": str(Transition.objects.get().pk),
        "type": "segment.entered",
        "segment": "buyers",
        "profile": str(anna.pk),
        "at": NOON.isoformat(),
        "cause": "act",
        "ruleset_version": "1",
    }
    Transition.objects.bulk_create(
        Transition(
            kind="entered",
            segment_key="buyers",
            profile_id=anna.pk,
            cause="act",
            ruleset_version=1,
            at=NOON,
        )
        for _ in range(1000)
    )
    assert pass_news_on(now=NOON) == 1000
    assert patient_redis_connection().xlen(STREAM) < 300


def test_while_nobody_can_tell_who_agreed_the_news_waits(
    ads: Destination, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(visitor())

    def away(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        raise redis.ConnectionError

    with monkeypatch.context() as outage, pytest.raises(redis.RedisError):
        outage.setattr("personalization.activation.naming.choices_behind", away)
        pass_on()
    assert Transition.objects.filter(passed_on_at__isnull=True).count() == 1

    pass_on()

    assert len(receiver.got) == 1
