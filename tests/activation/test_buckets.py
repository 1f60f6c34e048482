"""Audiences as files on S3-compatible storage: a real server of that kind on this machine."""

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
from minio import Minio

from consent.subjects import Identifier
from personalization.activation.models import (
    Audience,
    Destination,
)
from personalization.activation.personal_data import ActivationStore
from personalization.activation.sending import deliver_due, try_out
from personalization.segments.models import Segment
from tests.factories import NOON

from .conftest import SECRET
from .test_erasing import person
from .world import crowd, make_destination, make_segment, refuse, sync, watch

pytestmark = pytest.mark.django_db
STARTS_WITHIN_SECONDS = 60


@pytest.fixture
def buyers() -> Segment:
    segment = make_segment()
    watch(segment)
    return segment


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
    added, removed = sorted(listed, key=lambda name: name.rpartition("/")[2])
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

    tried = try_out(make_bucket(s3), clock=lambda: NOON)

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
