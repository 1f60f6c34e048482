"""A Redis that lost its memory gets it back."""

import pytest

from consent.checking import choices_of
from consent.keyspaces import patient_redis_connection, redis_connection
from personalization.events.tracking import track
from personalization.pipeline.consuming import consume_once
from personalization.pipeline.warming import warm_if_cold
from personalization.profiles.facts import Facts, unpack
from personalization.profiles.models import Profile
from personalization.profiles.remembering import FACTS
from personalization.streams.stream import Reader
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db


def facts_of(profile: Profile) -> Facts:
    packed = redis_connection().get(FACTS.key(profile.pk))
    assert packed is not None
    return unpack(packed)


def test_choices_and_facts_come_back_and_only_once() -> None:
    subject = agree(user_id="anna")
    track([make_event()], now=NOON)
    consume_once(Reader(range(4)))
    profile = Profile.objects.get()
    before = facts_of(profile)
    patient_redis_connection().flushdb()

    assert warm_if_cold()

    assert facts_of(profile) == before
    assert choices_of(subject).allows("personalization")
    assert not warm_if_cold()


def test_what_no_record_proves_does_not_stay_granted() -> None:
    stranger = agree(user_id="bert", to=())
    redis_connection().set(f"consent:{stranger.pseudonyms[0]}", "1 +analytics")

    warm_if_cold()

    assert not choices_of(stranger).allows("analytics")
