"""Audiences: who is in a segment is pushed on a schedule, to a webhook or as files."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail

from consent.subjects import Identifier
from personalization.activation import syncing
from personalization.activation.models import (
    Audience,
    AudienceMember,
    AudienceRun,
    WatchedSegment,
)
from personalization.activation.personal_data import ActivationStore
from personalization.activation.syncing import (
    TOO_FEW,
    AlreadyRunning,
    bury_lost_runs,
    due_audiences,
)
from personalization.segments.models import Segment
from tests.factories import NOON

from .conftest import Receiver
from .test_erasing import person
from .world import crowd, make_destination, make_segment, refuse, sync, watch

pytestmark = pytest.mark.django_db
STARTS_WITHIN_SECONDS = 60


@pytest.fixture
def buyers() -> Segment:
    segment = make_segment()
    watch(segment)
    return segment


@pytest.fixture
def audience(buyers: Segment, receiver: Receiver) -> Audience:
    return Audience.objects.create(
        name="Buyers", segment=buyers, destination=make_destination(receiver.url)
    )


def told(receiver: Receiver, change: str) -> list[int]:
    return [one["profile"] for got in receiver.got for one in got.json["data"].get(change, ())]


def test_only_members_who_agreed_to_the_purpose_are_pushed(
    audience: Audience, receiver: Receiver
) -> None:
    people = crowd(10)
    crowd(3, name="no", to=("analytics", "personalization"))

    run = sync(audience)

    assert (run.state, run.members, run.added, run.withheld) == ("done", 10, 10, 3)
    assert receiver.types == ["audience.added"]
    assert sorted(told(receiver, "added")) == [one.pk for one in people]
    first = receiver.got[0].json["data"]
    assert (first["audience"], first["segment"], first["part"]) == ("Buyers", "buyers", 1)
    assert first["added"][0]["identifiers"] == {"user": [Identifier("user", "v0").pseudonym]}
    assert "webhook-signature" in receiver.got[0].headers


def test_the_next_push_tells_only_what_changed(audience: Audience, receiver: Receiver) -> None:
    people = crowd(12)
    sync(audience)
    receiver.got.clear()
    (newcomer,) = crowd(1, name="new")
    refuse("v3")

    run = sync(audience)

    assert (run.added, run.removed, run.members) == (1, 1, 12)
    assert told(receiver, "added") == [newcomer.pk]
    assert told(receiver, "removed") == [people[3].pk]
    receiver.got.clear()
    assert sync(audience).state == "done"
    assert receiver.got == []


def test_fewer_than_ten_are_refused_and_those_named_before_are_taken_out(
    audience: Audience, receiver: Receiver
) -> None:
    crowd(9)
    run = sync(audience)
    assert (run.state, run.message) == ("refused", TOO_FEW)
    assert receiver.got == []
    crowd(1, name="tenth")
    assert sync(audience).state == "done"
    receiver.got.clear()
    refuse("tenth0")

    run = sync(audience)

    assert (run.state, run.removed, run.members) == ("refused", 10, 0)
    assert receiver.types == ["audience.removed"]
    assert not AudienceMember.objects.exists()


def test_a_full_push_names_everybody_each_time(audience: Audience, receiver: Receiver) -> None:
    audience.mode = "full"
    audience.save()
    crowd(10)

    sync(audience)
    run = sync(audience)

    assert (run.members, run.added, run.removed) == (10, 10, 0)
    assert receiver.types == ["audience.members"] * 2
    assert len(told(receiver, "members")) == 20


def test_a_large_audience_goes_in_parts(
    audience: Audience, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "AT_ONCE", {"webhook": 4})
    monkeypatch.setattr(syncing, "MEMBERS_AT_ONCE", 3)
    people = crowd(10)

    sync(audience)

    assert [got.json["data"]["part"] for got in receiver.got] == [1, 2, 3]
    assert sorted(told(receiver, "added")) == [one.pk for one in people]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 3


def test_a_push_that_fails_says_so_alerts_and_is_tried_again(
    audience: Audience, receiver: Receiver, settings: LazySettings
) -> None:
    settings.ADMINS = [("", "ops@example.com")]
    crowd(10)
    receiver.will_answer(500, body=b"no")

    run = sync(audience)

    assert (run.state, run.message) == ("failed", "500: no")
    assert len(mail.outbox) == 1
    assert due_audiences(now=NOON + timedelta(minutes=4)) == []
    assert due_audiences(now=NOON + timedelta(minutes=5)) == [audience.pk]
    assert AudienceMember.objects.filter(is_confirmed=False).count() == 10
    again = sync(audience)
    assert (again.state, again.added) == ("done", 10)
    assert due_audiences(now=NOON + timedelta(hours=23)) == []


def test_a_push_that_was_killed_is_noticed(
    audience: Audience, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(10)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(syncing, "send_part", killed)
        with pytest.raises(KeyboardInterrupt):
            sync(audience)
    with pytest.raises(AlreadyRunning):
        sync(audience)

    bury_lost_runs(now=NOON + timedelta(minutes=11))

    assert AudienceRun.objects.get().message == syncing.LOST
    assert sync(audience).added == 10


def test_a_segment_that_was_not_counted_yet_is_not_pushed(
    audience: Audience, buyers: Segment
) -> None:
    assert due_audiences(now=NOON) == [audience.pk]

    WatchedSegment.objects.update(counted_at=None)

    assert due_audiences(now=NOON) == []


def test_an_erased_member_is_told_to_whom_it_was_pushed(
    audience: Audience, receiver: Receiver
) -> None:
    people = crowd(10)
    sync(audience)

    assert ActivationStore().erase(person(people[0])) == {"destinations_told": 1}
