"""Connections in the admin: set up in two steps, tried, run, and their failures seen."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from consent.keyspaces import patient_redis_connection
from personalization.connectors.models import Connection, Run
from personalization.events.models import Event
from tests.connectors.conftest import System
from tests.factories import NOON

pytestmark = pytest.mark.django_db
LIST = "/admin/connectors/connection/"
MAPPING = 'source = "shop"\nkey = "id"\n[identifiers]\ncrm = "id"\n[traits]\nplan = "plan"'


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def connection(system: System, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setenv("CONNECTOR_SECRET_SHOP", "t0ken")
    return Connection.objects.create(
        key="shop",
        name="Our shop",
        kind="rest",
        settings={
            "url": f"{system.url}/people",
            "sign_in": "bearer",
            "paging": "none",
            "records_at": "",
            "next_at": "",
            "page_parameter": "",
            "since_parameter": "",
        },
        secret_variable="CONNECTOR_SECRET_SHOP",
        mapping=MAPPING,
        vouched_purposes=["analytics", "personalization"],
    )


def stated(connection: Connection, **changes: Any) -> dict[str, Any]:
    return {
        "name": connection.name,
        "key": connection.key,
        **connection.settings,
        "secret_variable": connection.secret_variable,
        "mapping": connection.mapping,
        "vouched_purposes": "analytics",
        "every_minutes": "60",
        "cursor": "",
        **changes,
    }


def test_a_new_connection_is_asked_for_its_kind_and_then_for_its_settings(admin: Client) -> None:
    added = admin.post(f"{LIST}add/", {"name": "CRM", "key": "crm", "kind": "salesforce"})

    page = admin.get(added["Location"]).content.decode()
    assert Connection.objects.get().kind == "salesforce"
    assert "My Domain address" in page
    assert "The consumer secret of the connected app." in page


def test_settings_are_kept_with_the_connection(admin: Client, connection: Connection) -> None:
    answer = admin.post(
        f"{LIST}{connection.pk}/change/", stated(connection, is_active="on", records_at="data")
    )

    connection.refresh_from_db()
    assert answer.status_code == 302
    assert connection.settings["records_at"] == "data"
    assert (connection.is_active, connection.every_minutes) == (True, 60)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mapping": "key = "}, "The mapping is not TOML"),
        ({"mapping": "", "is_active": "on"}, "An active connection needs a mapping."),
        ({"url": "ftp://x"}, "Use an address that begins with https://."),
        ({"paging": "page"}, "Say by which parameter a page is asked for."),
        ({"secret_variable": "DATABASE_URL"}, "behind CONNECTOR_SECRET_"),
        ({"vouched_purposes": "spam"}, "Unknown: spam."),
    ],
)
def test_what_cannot_work_is_said_at_the_field_and_nothing_is_lost(
    admin: Client, connection: Connection, changes: dict[str, str], told: str
) -> None:
    answer = admin.post(
        f"{LIST}{connection.pk}/change/", stated(connection, name="Renamed", **changes)
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert told in page
    assert "Renamed" in page


def test_a_dry_run_shows_what_would_happen(
    admin: Client, connection: Connection, system: System
) -> None:
    system.answers("/people", [{"id": 1, "plan": "<b>pro</b>"}, {"plan": "free"}])
    address = f"{LIST}{connection.pk}/try_it/"

    asked = admin.get(address)
    page = admin.post(address).content.decode()

    assert "keep nothing?" in asked.content.decode()
    assert "1 people would be created, 0 updated, 0 are unchanged, 1 would be refused." in page
    assert "&lt;b&gt;pro&lt;/b&gt;" in page
    assert "The key of the row is missing." in page
    assert not Event.objects.exists()


def test_a_dry_run_of_a_system_that_does_not_answer_says_so(
    admin: Client, connection: Connection, system: System
) -> None:
    system.answers("/people", {}, status=503)

    page = admin.post(f"{LIST}{connection.pk}/try_it/").content.decode()

    assert "Our shop could not be read." in page
    assert "It answered 503" in page


def test_run_now_is_put_into_the_queue(admin: Client, connection: Connection) -> None:
    answer = admin.post(f"{LIST}{connection.pk}/run_now/")

    assert answer.status_code == 302
    assert patient_redis_connection().llen("celery") == 1


def test_failures_are_seen_on_the_list_and_on_the_page(
    admin: Client, connection: Connection
) -> None:
    run = Run.objects.create(
        connection=connection,
        state="failed",
        message="It answered 401 Unauthorized.",
        started_by="schedule",
        started_at=NOON,
        seen_at=NOON,
        refused=1,
        reasons={"Plan: It is no number.": 1},
        examples=[{"line": 7, "field": "Plan", "message": "It is no number."}],
    )

    assert "failed" in admin.get(LIST).content.decode()
    page = admin.get(f"{LIST}{connection.pk}/change/").content.decode()
    assert "It answered 401 Unauthorized." in page
    told = admin.get(f"/admin/connectors/run/{run.pk}/change/").content.decode()
    assert "It is no number." in told


def test_a_webhook_shows_its_address_and_cannot_be_asked(admin: Client) -> None:
    source = Connection.objects.create(
        key="desk", name="Desk", kind="webhook", settings={}, mapping=MAPPING
    )

    page = admin.get(f"{LIST}{source.pk}/change/").content.decode()

    assert "/v1/sources/desk" in page
    assert "Run now" not in page
    assert admin.post(f"{LIST}{source.pk}/run_now/").status_code == 403


def test_a_marketer_looks_and_changes_nothing(client: Client, connection: Connection) -> None:
    user = User.objects.create_user("mo", is_staff=True)
    user.groups.add(Group.objects.get(name="Marketer"))
    client.force_login(user)

    page = client.get(f"{LIST}{connection.pk}/change/")

    assert page.status_code == 200
    assert client.post(f"{LIST}{connection.pk}/run_now/").status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
