"""What is sealed under the master key itself comes under a new one, whatever room it is of."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command

from personalization.activation import confiding as destinations
from personalization.connectors import confiding as connections
from personalization.connectors.models import Connection
from personalization.events.models import RefusedEvent
from personalization.events.setting_apart import as_it_came
from personalization.events.tracking import track
from personalization.vault import sealed_columns
from personalization.vault.sealing import Tampered, UnknownKey
from tests.activation.world import make_destination
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db
Keys = Callable[..., None]


def make_connection(key: str, secret: str) -> Connection:
    connection = Connection.objects.create(key=key, name=key, kind="rest")
    connections.confide(connection, secret, now=NOON)
    connection.save()
    return connection


def rotated() -> str:
    told = StringIO()
    call_command("rotate_vault_keys", stdout=told)
    return told.getvalue()


def test_one_command_brings_all_under_the_new_key(vault_keys: Keys) -> None:
    vault_keys("old")
    destination, connection = (
        make_destination("https://ads.example/"),
        make_connection("crm", "t0ken"),
    )
    secret = destinations.secret_of(destination)
    agree(user_id="anna")
    raw = make_event(traits={"email": "anna@example.com"}, properties={"price": "free"})
    track([raw], now=NOON)
    vault_keys("new", "old")

    told = rotated()

    for what in ("destinations", "connections", "refused events"):
        assert f"1 {what} sealed under it anew." in told
        assert f"new: 1 {what}" in told
    assert "old:" not in told
    vault_keys("new")
    destination.refresh_from_db()
    connection.refresh_from_db()
    assert destinations.secret_of(destination) == secret
    assert connections.secret_of(connection) == "t0ken"
    assert as_it_came(RefusedEvent.objects.get()) == raw
    vault_keys("old")
    with pytest.raises(UnknownKey):
        destinations.secret_of(destination)


def test_an_interrupted_rotation_goes_on_where_it_stopped(
    vault_keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_columns, "BATCH", 2)
    vault_keys("old")
    rows = [make_connection(f"c{n}", f"secret {n}") for n in range(5)]
    sealed = bytes(rows[3].sealed_secret)
    Connection.objects.filter(pk=rows[3].pk).update(sealed_secret=bytes(rows[2].sealed_secret))
    vault_keys("new", "old")
    with pytest.raises(Tampered):
        rotated()
    assert connections.SECRETS.in_use() == {"new": 2, "old": 3}

    Connection.objects.filter(pk=rows[3].pk).update(sealed_secret=sealed)
    told = rotated()

    assert "3 connections sealed under it anew." in told
    found = [connections.secret_of(one) for one in Connection.objects.order_by("pk")]
    assert found == [f"secret {n}" for n in range(5)]


def test_rows_without_a_secret_are_passed_over(vault_keys: Keys) -> None:
    vault_keys("old")
    Connection.objects.create(key="open", name="Open", kind="rest")
    vault_keys("new")

    assert "0 connections sealed under it anew." in rotated()
