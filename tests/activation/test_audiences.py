"""Audiences: who is in a segment is pushed on a schedule, to a webhook or as files."""

import csv
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from django.conf import LazySettings
from django.core import mail
from minio import Minio

from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.activation import syncing
from personalization.activation.models import (
    Audience,
    AudienceMember,
    AudienceRun,
    Destination,
    WatchedSegment,
)
from personalization.activation.personal_data import ActivationStore
from personalization.activation.sending import deliver_due, try_out
from personalization.activation.syncing import (
    TOO_FEW,
    AlreadyRunning,
    bury_lost_runs,
    due_audiences,
    sync_audience,
)
from personalization.profiles.models import Profile
from personalization.segments.models import Segment

from .conftest import SECRET, Receiver
from .test_erasing import person
from .world import NOON, act, make_destination, make_segment, visitor, watch

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


def crowd(size: int, *, name: str = "v", **how: Any) -> list[Profile]:
    people = [visitor(f"{name}{number}", **how) for number in range(size)]
    for one in people:
        act(one)
    return people


def sync(audience: Audience) -> AudienceRun:
    return sync_audience(audience.pk, now=NOON, clock=lambda: NOON)


def refuse(user_id: str) -> None:
    record_choices(
        subject=Subject.of(user_id=user_id),
        choices={"advertising": False},
        mechanism="API",
        now=NOON,
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


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Run an S3 server on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(url)
        yield url
    finally:
        server.terminate()
        server.wait()


def wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    with urllib3.PoolManager(retries=False) as pool:
        while True:
            try:
                pool.request("GET", url, timeout=1).close()
                return
            except urllib3.exceptions.HTTPError:
                assert time.monotonic() < deadline, "The S3 server does not start."


@pytest.fixture
def storage(s3: str, settings: LazySettings) -> Iterator[Minio]:
    settings.CONNECTOR_NETWORKS = ["127.0.0.0/8"]
    pool = urllib3.PoolManager()
    client = Minio(
        s3.removeprefix("http://"),
        "key",
        "secret",
        secure=False,
        region="us-east-1",
        http_client=pool,
    )
    if not client.bucket_exists("lists"):
        client.make_bucket("lists")
    yield client
    for found in client.list_objects("lists", recursive=True):
        client.remove_object("lists", str(found.object_name))
    pool.clear()


def make_bucket(s3: str, **changes: Any) -> Destination:
    fields = {"kind": "bucket", "bucket": "lists", "access_key": "key", "prefix": "/shop/"}
    return make_destination(s3, name="Files", **{**fields, **changes})


def files(storage: Minio) -> dict[str, list[dict[str, str]]]:
    found = {}
    for one in storage.list_objects("lists", recursive=True):
        answer = storage.get_object("lists", str(one.object_name))
        text = answer.read().decode()
        answer.close()
        answer.release_conn()
        found[str(one.object_name)] = list(csv.DictReader(io.StringIO(text)))
    return found


def test_files_are_put_into_the_storage(buyers: Segment, s3: str, storage: Minio) -> None:
    audience = Audience.objects.create(name="Files", segment=buyers, destination=make_bucket(s3))
    people = crowd(11)
    assert sync(audience).state == "done"
    refuse("v1")
    second = sync(audience)

    assert (second.state, second.removed) == ("done", 1)
    listed = files(storage)
    added, removed = sorted(listed)
    assert added.startswith(f"shop/buyers-{audience.pk}/2026-06-15T120000-")
    assert added.endswith("/added-0001.csv")
    assert [row["profile"] for row in listed[added]] == [str(one.pk) for one in people]
    assert listed[added][0]["user"] == Identifier("user", "v0").pseudonym
    assert [row["profile"] for row in listed[removed]] == [str(people[1].pk)]


def test_a_storage_that_refuses_is_a_failure_that_says_so(
    buyers: Segment, s3: str, storage: Minio
) -> None:
    elsewhere = make_bucket(s3, bucket="missing")
    crowd(10)
    audience = Audience.objects.create(name="Files", segment=buyers, destination=elsewhere)

    run = sync(audience)

    assert run.state == "failed"
    assert "NoSuchBucket" in run.message


def test_a_storage_in_our_own_network_is_not_reached(s3: str, settings: LazySettings) -> None:
    settings.CONNECTOR_NETWORKS = []

    tried = try_out(make_bucket(s3), now=NOON)

    assert (tried.state, tried.response_code) == ("failed", None)
    assert "in our own network" in tried.excerpt


def test_an_erasure_is_a_file_in_a_storage(buyers: Segment, s3: str, storage: Minio) -> None:
    audience = Audience.objects.create(name="Files", segment=buyers, destination=make_bucket(s3))
    people = crowd(10)
    sync(audience)
    ActivationStore().erase(person(people[0]))
    later = NOON + timedelta(days=4000)

    deliver_due(now=later, clock=lambda: later)

    assert any("person.erased/" in name for name in files(storage))
    assert SECRET not in str(files(storage))
