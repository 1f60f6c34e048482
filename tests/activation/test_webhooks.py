"""Webhooks are told who enters and leaves: signed, and only what may be told."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from consent.keyspaces import patient_redis_connection
from consent.purposes import ADVERTISING
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.activation.confiding import secret_of
from personalization.activation.models import Delivery, Destination, Transition
from personalization.activation.passing_on import pass_news_on
from personalization.activation.sending import deliver_due, try_out
from personalization.activation.signing import new_secret, signed_headers
from personalization.activation.streaming import STREAM
from personalization.profiles.merging import Merge, merge_all
from personalization.vault.sealing import Tampered
from tests.factories import NOON

from .conftest import SECRET, Receiver
from .world import DAY, act, make_destination, make_segment, pass_on, visitor, watch

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


def test_a_profile_that_became_part_of_another_is_told_to_have_left(
    ads: Destination, receiver: Receiver
) -> None:
    anna, before = visitor(), visitor("browser")
    before.identifiers.update(kind="anonymous")  # of two people with user ids none would be one
    act(before)
    pass_on()
    merge_all([Merge(kept_id=anna.pk, absorbed_id=before.pk, reason="signed in")])

    watch(ads.segments.get())
    pass_on()

    entered, left = (one.json for one in receiver.got[1:])
    assert (left["type"], left["data"]["cause"], left["data"]["profile"]) == (
        "segment.left",
        "gone",
        before.pk,
    )
    assert (entered["type"], entered["data"]["profile"]) == ("segment.entered", anna.pk)
    assert left["data"]["identifiers"] == {"user": [Identifier("user", "anna").pseudonym]}


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


def test_news_passed_on_twice_is_told_once(ads: Destination, receiver: Receiver) -> None:
    act(visitor())
    pass_on()
    # As after a commit that failed once the stream had been told.
    Transition.objects.update(passed_on_at=None)

    pass_on()

    assert len(receiver.got) == 1


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

    tried = try_out(make_destination(address), clock=lambda: NOON)

    assert tried.state == "failed"
    assert "in our own network" in tried.excerpt


def test_a_receiver_that_is_not_there_is_a_failure_without_its_address() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.CONNECTOR_NETWORKS", ["127.0.0.0/8"])
        tried = try_out(make_destination("http://127.0.0.1:1/secret-path"), clock=lambda: NOON)

    assert (tried.state, tried.response_code, tried.excerpt) == (
        "failed",
        None,
        "It cannot be reached.",
    )


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
