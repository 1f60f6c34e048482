"""Any JSON list over HTTP: each way of paging, the time to go on from, and no way inside."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from consent.keyspaces import patient_redis_connection
from personalization.connectors.models import Connection, Run
from personalization.connectors.reaching import SourceFailed, fetch_json
from personalization.connectors.rest import RestForm
from personalization.connectors.running import AlreadyRunning, bury_lost_runs, run_connection
from personalization.connectors.tasks import run_due_connections
from personalization.outbound.reaching import safe_session
from personalization.profiles.models import Profile
from tests.connectors.conftest import System
from tests.factories import NOON

pytestmark = pytest.mark.django_db
MAPPING = """
source = "shop"
key = "id"
changed_at = "updated"
[identifiers]
crm = "id"
[traits]
plan = "plan"
"""
PLAIN = {
    "sign_in": "bearer",
    "records_at": "",
    "paging": "none",
    "next_at": "",
    "page_parameter": "",
    "since_parameter": "",
}


def person(number: int) -> dict[str, Any]:
    return {"id": number, "plan": "pro", "updated": f"2026-06-1{number}T00:00:00Z"}


@pytest.fixture
def connect(system: System, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Connection]:
    monkeypatch.setenv("CONNECTOR_SECRET_SHOP", "t0ken")

    def make(**settings: str) -> Connection:
        stated = {**PLAIN, "url": f"{system.url}/people", **settings}
        assert RestForm(data=stated).is_valid(), RestForm(data=stated).errors
        return Connection.objects.create(
            key="shop",
            name="Shop",
            kind="rest",
            settings=stated,
            secret_variable="CONNECTOR_SECRET_SHOP",
            mapping=MAPPING,
            vouched_purposes=["analytics", "personalization"],
            every_minutes=30,
            is_active=True,
        )

    return make


def ran(connection: Connection) -> Run:
    return run_connection(connection, started_by="test", clock=lambda: NOON)


def test_one_answer_becomes_profiles(
    system: System, connect: Callable[..., Connection], consume: Callable[[], None]
) -> None:
    system.answers("/people", [person(1), person(2), "odd"])

    run = ran(connect())
    consume()

    assert (run.state, run.created, run.refused) == ("done", 2, 1)
    assert Profile.objects.count() == 2
    assert system.got[0].headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("stated", "pages"),
    [
        (
            {"paging": "link", "records_at": "data"},
            [
                ("/people", {"data": [person(1)]}, {"Link": '</people?after=1>; rel="next"'}),
                ("/people?after=1", {"data": [person(2)]}, {}),
            ],
        ),
        (
            {"paging": "next", "records_at": "data.items", "next_at": "meta.next"},
            [
                ("/people", {"data": {"items": [person(1)]}, "meta": {"next": "/people?p=2"}}, {}),
                ("/people?p=2", {"data": {"items": [person(2)]}, "meta": {"next": None}}, {}),
            ],
        ),
        (
            {"paging": "cursor", "records_at": "d", "next_at": "c", "page_parameter": "cursor"},
            [
                ("/people", {"d": [person(1)], "c": "abc"}, {}),
                ("/people?cursor=abc", {"d": [person(2)], "c": ""}, {}),
            ],
        ),
        (
            {"paging": "page", "page_parameter": "page"},
            [
                ("/people?page=1", [person(1)], {}),
                ("/people?page=2", [person(2)], {}),
                ("/people?page=3", [], {}),
            ],
        ),
    ],
)
def test_pages_are_turned(
    system: System, connect: Callable[..., Connection], stated: Any, pages: Any
) -> None:
    for path, body, headers in pages:
        system.answers(path, body, headers=headers)

    run = ran(connect(**stated))

    assert (run.state, run.created) == ("done", 2), run.message
    assert [got.path for got in system.got] == [path for path, *_ in pages]


def test_the_next_run_asks_for_what_changed_since(
    system: System, connect: Callable[..., Connection]
) -> None:
    connection = connect(since_parameter="updated_since")
    system.answers("/people", [person(2), person(1)])
    system.answers("/people", [person(2)])

    ran(connection)
    ran(connection)

    assert connection.cursor == "2026-06-12T00:00:00+00:00"
    assert "updated_since=2026-06-11T23%3A50%3A00%2B00%3A00" in system.got[1].path


@pytest.mark.parametrize(
    ("stated", "body", "told"),
    [
        ({}, {"data": []}, "There is no list in the answer"),
        ({}, "<html>", "not JSON"),
        ({"records_at": "x"}, {"data": []}, "There is no list at 'x'"),
        (
            {"paging": "next", "next_at": "n", "records_at": "d"},
            {"d": [], "n": "https://evil.example/"},
            "at another host",
        ),
        (
            {"paging": "cursor", "next_at": "n", "records_at": "d", "page_parameter": "c"},
            {"d": [], "n": "again"},
            "the same page again",
        ),
    ],
)
def test_what_cannot_be_read_is_said(
    system: System, connect: Callable[..., Connection], stated: Any, body: Any, told: str
) -> None:
    for _ in range(3):
        system.answers("/people", body)

    run = ran(connect(**stated))

    assert run.state == "failed"
    assert told in run.message


def test_a_redirect_is_not_followed_with_the_secret(
    system: System, connect: Callable[..., Connection]
) -> None:
    system.answers("/people", {}, status=302, headers={"Location": "https://evil.example/"})

    assert "It answered 302" in ran(connect()).message
    assert len(system.got) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "http://2130706433/",
    ],
)
def test_our_own_network_is_not_reached(url: str) -> None:
    with pytest.raises(SourceFailed, match="in our own network"):
        fetch_json(safe_session(), "GET", url)


def test_a_server_whose_certificate_we_do_not_know_is_not_trusted(
    system: System, settings: LazySettings
) -> None:
    settings.CONNECTOR_CA_FILE = ""

    with pytest.raises(SourceFailed, match="certificate"):
        fetch_json(safe_session(), "GET", system.url)


def test_a_secret_that_is_not_set_fails_the_run_and_no_other_variable_is_read(
    connect: Callable[..., Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect()
    connection.secret_variable = "SECRET_KEY"
    monkeypatch.setenv("SECRET_KEY", "ours")

    assert "SECRET_KEY is not set" in ran(connection).message


def test_failures_are_tried_again_ever_later(
    system: System, connect: Callable[..., Connection]
) -> None:
    connection = connect()

    waits = []
    for _ in range(3):
        ran(connection)
        assert connection.next_run_at
        waits.append((connection.next_run_at - NOON).total_seconds() / 60)
    system.answers("/people", [])
    ran(connection)

    assert waits == [5, 10, 20]
    assert connection.failures == 0
    assert connection.next_run_at
    assert (connection.next_run_at - NOON).total_seconds() == 30 * 60


def test_one_connection_is_not_asked_twice_at_once_until_its_worker_is_lost(
    system: System, connect: Callable[..., Connection]
) -> None:
    connection = connect()
    Run.objects.create(connection=connection, started_by="x", started_at=NOON, seen_at=NOON)

    with pytest.raises(AlreadyRunning):
        ran(connection)
    assert bury_lost_runs(now=NOON.replace(hour=13)) == 1

    assert Run.objects.get().message == "The worker ended before the run did."


def test_what_is_due_is_asked_in_the_background(
    system: System, connect: Callable[..., Connection]
) -> None:
    connection = connect()
    connection.next_run_at = NOON.replace(year=2020)
    connection.save()

    run_due_connections()

    assert patient_redis_connection().llen("celery") == 1


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"url": "http://crm.example.com"}, "url"),
        ({"url": "https://user:word@crm.example.com"}, "url"),
        ({"url": "ftp://crm.example.com"}, "url"),
        ({"paging": "page"}, "page_parameter"),
        ({"paging": "next"}, "next_at"),
    ],
)
def test_settings_that_cannot_work_are_refused(stated: Any, field: str) -> None:
    form = RestForm(data={**PLAIN, "url": "https://crm.example.com", **stated})

    assert not form.is_valid()
    assert field in form.errors
