"""Secrets of connections: entered once, kept sealed, never shown."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client

from personalization.connectors.confiding import confide, secret_of
from personalization.connectors.models import Connection
from personalization.connectors.reaching import SourceFailed
from tests.factories import NOON

pytestmark = pytest.mark.django_db
LIST = "/admin/connectors/connection/"
SECRET = "s3cret-t0ken"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def connection() -> Connection:
    return Connection.objects.create(key="desk", name="Desk", kind="webhook")


def save(admin: Client, connection: Connection, **stated: Any) -> str:
    said = {"name": "Desk", "key": "desk", "records_at": "", "secret_variable": "", **stated}
    answer = admin.post(f"{LIST}{connection.pk}/change/", said)
    connection.refresh_from_db()
    return answer.content.decode()


def test_a_secret_is_sealed_and_shown_nowhere(admin: Client, connection: Connection) -> None:
    save(admin, connection, secret=SECRET)

    page = admin.get(f"{LIST}{connection.pk}/change/").content.decode()
    with database.cursor() as cursor:
        cursor.execute("SELECT c::text FROM connectors_connection c")
        [(row,)] = cursor.fetchall()
    assert secret_of(connection) == SECRET
    assert SECRET not in page
    assert "Set on " in page
    assert SECRET.encode().hex() not in row
    assert SECRET not in row


def test_an_empty_field_keeps_the_secret_that_is_there(
    admin: Client, connection: Connection
) -> None:
    save(admin, connection, secret=SECRET)

    save(admin, connection, secret="")

    assert secret_of(connection) == SECRET


def test_a_secret_can_be_forgotten(admin: Client, connection: Connection) -> None:
    save(admin, connection, secret=SECRET)

    save(admin, connection, forget_secret="on")

    assert (secret_of(connection), connection.secret_set_at) == ("", None)


def test_a_secret_in_the_environment_goes_before_and_is_not_kept_here(
    admin: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(admin, connection, secret=SECRET)
    monkeypatch.setenv("CONNECTOR_SECRET_DESK", "elsewhere")

    save(admin, connection, secret_variable="CONNECTOR_SECRET_DESK")

    assert bytes(connection.sealed_secret) == b""
    assert secret_of(connection) == "elsewhere"


def test_two_secrets_at_once_are_refused(admin: Client, connection: Connection) -> None:
    told = save(admin, connection, secret=SECRET, secret_variable="CONNECTOR_SECRET_DESK")

    assert "Say one of it" in told
    assert SECRET not in told
    assert secret_of(connection) == ""


def test_a_secret_whose_key_is_missing_fails_and_names_what_to_do(
    connection: Connection, settings: Any
) -> None:
    confide(connection, SECRET, now=NOON)
    settings.VAULT_KEYS = ["next:" + "A" * 43 + "="]

    with pytest.raises(SourceFailed, match="VAULT_KEYS"):
        secret_of(connection)


def test_a_secret_moved_to_another_connection_does_not_open(connection: Connection) -> None:
    other = Connection.objects.create(key="other", name="Other", kind="webhook")
    confide(connection, SECRET, now=NOON)

    other.sealed_secret = connection.sealed_secret

    with pytest.raises(SourceFailed):
        secret_of(other)
