"""A person who is erased is forgotten here, and the others are told to forget them."""

from datetime import timedelta

import pytest

from consent.keyspaces import patient_redis_connection
from consent.stores import Person
from consent.subjects import Identifier
from personalization.activation.due import is_shown, make_due
from personalization.activation.models import (
    Delivery,
    Destination,
    Firing,
    Membership,
    Told,
    Transition,
    Trigger,
)
from personalization.activation.personal_data import ActivationStore
from personalization.activation.pruning import delete_old
from personalization.activation.sending import deliver_due, send_again
from personalization.activation.streaming import STREAM
from personalization.profiles.models import Profile
from tests.factories import NOON

from .conftest import Receiver
from .world import DAY, act, make_destination, make_segment, pass_on, visitor, watch

pytestmark = pytest.mark.django_db


def person(profile: Profile) -> Person:
    names = profile.identifiers.values_list("pseudonym", flat=True)
    return Person(frozenset(names), frozenset({profile.pk}))


@pytest.fixture
def ads(receiver: Receiver) -> Destination:
    return make_destination(receiver.url, make_segment())


def deliver() -> None:
    later = NOON + timedelta(days=4000)
    deliver_due(now=later, clock=lambda: later)


def test_everything_of_a_person_is_counted_exported_and_erased(
    ads: Destination, receiver: Receiver
) -> None:
    anna, bert = visitor("anna"), visitor("bert")
    trigger = Trigger.objects.create(segment=ads.segments.get(), kind="task", task="t")
    for one in (anna, bert):
        act(one)
        make_due(one.pk, activity="thanks", until=NOON + timedelta(days=9999))
        Firing.objects.create(trigger=trigger, profile_id=one.pk, fired_at=NOON)
    pass_on()
    store = ActivationStore()
    # membership, transition, delivery, told, firing, stream, due
    assert store.count(person(anna)) == 7
    exported = list(store.export(person(anna)))
    assert {one["record"] for one in exported} >= {"membership", "transition", "delivery", "told"}

    remarks = store.erase(person(anna))

    assert remarks == {"destinations_told": 1}
    assert store.count(person(anna)) == 0
    assert store.count(person(bert)) == 7
    assert store.erase(person(anna)) == {"destinations_told": 0}


def test_what_was_shown_and_is_not_written_down_yet_is_erased_too(ads: Destination) -> None:
    anna, bert = visitor("anna"), visitor("bert")
    for one in (anna, bert):
        is_shown(one.pk, ["thanks"], now=NOON)
    store = ActivationStore()
    assert store.count(person(anna)) == 1

    store.erase(person(anna))

    assert store.count(person(anna)) == 0


def test_whoever_was_told_hears_of_the_erasure_and_the_acknowledgement_is_kept(
    ads: Destination, receiver: Receiver
) -> None:
    anna = visitor()
    act(anna)
    pass_on()

    ActivationStore().erase(person(anna))
    deliver()

    assert receiver.types == ["segment.entered", "person.erased"]
    assert receiver.got[1].json["data"] == {
        "profile": anna.pk,
        "identifiers": {"user": [Identifier("user", "anna").pseudonym]},
    }
    kept = Delivery.objects.get()
    assert (kept.state, kept.response_code, kept.body) == (
        "delivered",
        204,
        {"type": "person.erased"},
    )
    delete_old(now=NOON + timedelta(days=9000))
    assert Delivery.objects.get() == kept


def test_an_erasure_not_acknowledged_is_told_again(ads: Destination, receiver: Receiver) -> None:
    anna = visitor()
    act(anna)
    pass_on()
    receiver.will_answer(500)
    ActivationStore().erase(person(anna))

    deliver()

    waiting = Delivery.objects.get()
    assert waiting.response_code == 500
    assert waiting.body["data"]["profile"] == anna.pk


def test_once_acknowledged_no_answer_repeats_whom_it_was_about(
    ads: Destination, receiver: Receiver
) -> None:
    anna = visitor()
    act(anna)
    pass_on()
    receiver.will_answer(500, body=b"no anna here")
    receiver.will_answer(200, body=b"forgot anna")
    ActivationStore().erase(person(anna))

    deliver()
    assert Delivery.objects.get().tries[0]["said"] == "no anna here"
    send_again(Delivery.objects.get(), now=NOON)
    deliver()

    kept = Delivery.objects.get()
    assert ([one["code"] for one in kept.tries], kept.state) == ([500, 200], "delivered")
    assert {one["said"] for one in kept.tries} == {kept.excerpt} == {""}


def test_who_was_never_told_of_a_person_is_not_told_of_the_erasure(
    ads: Destination, receiver: Receiver
) -> None:
    anna = visitor(to=("analytics", "personalization"))
    act(anna)
    pass_on()

    assert ActivationStore().erase(person(anna)) == {"destinations_told": 0}


def test_news_on_its_way_is_dropped_by_an_erasure(ads: Destination, receiver: Receiver) -> None:
    receiver.will_answer(500)
    anna = visitor()
    act(anna)
    pass_on()

    ActivationStore().erase(person(anna))
    receiver.got.clear()
    deliver()

    # It may have been heard, although the answer was an error.
    assert receiver.types == ["person.erased"]


def test_what_is_old_goes_and_what_counts_stays(ads: Destination, receiver: Receiver) -> None:
    anna = visitor()
    act(anna)
    pass_on()
    watch(ads.segments.get(), now=NOON + 30 * DAY)

    delete_old(now=NOON + 40 * DAY)

    assert list(Transition.objects.values_list("kind", flat=True)) == ["left"]
    assert not Delivery.objects.exists()
    assert Membership.objects.count() == 1
    assert Told.objects.count() == 1
    delete_old(now=NOON + 9000 * DAY)
    assert not Membership.objects.exists()
    assert patient_redis_connection().xlen(STREAM) == 0
