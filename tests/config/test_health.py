"""Alive, and able to serve."""

import pytest
from django.conf import LazySettings
from django.test import Client

from consent.keyspaces import redis_connection

pytestmark = pytest.mark.django_db


def test_a_process_that_answers_is_alive(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_with_everything_there_it_is_ready(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "missing": {}})


def test_what_is_missing_is_named(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["redis"]
