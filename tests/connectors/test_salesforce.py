"""Salesforce, asked over TLS; its answers are written after its REST API's documentation."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from consent.subjects import Identifier, NoIdentifier
from personalization.connectors.models import Connection, Run
from personalization.connectors.running import run_connection, try_connection
from personalization.events.models import Event
from personalization.profiles.models import Profile, ProfileIdentifier
from tests.connectors.conftest import System
from tests.factories import NOON

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent / "data" / "salesforce"
MAPPING = """
source = "salesforce"
key = "Id"
[identifiers]
crm = "Id"
user = "Web_Login__c"
email = "Email"
[traits]
plan = { column = "Plan__c", values = { "Gold Member" = "gold", "Silver Member" = "silver" } }
country = "MailingCountry"
industry = "Account.Industry"
"""


def recorded(name: str) -> Any:
    return json.loads((DATA / name).read_text())


@pytest.fixture
def connection(system: System, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setenv("CONNECTOR_SECRET_SF", "s3cret")
    return Connection.objects.create(
        key="sf",
        name="Salesforce",
        kind="salesforce",
        settings={"login_url": system.url, "client_id": "3MVG9", "object": "Contact"},
        secret_variable="CONNECTOR_SECRET_SF",
        mapping=MAPPING,
        vouched_purposes=["analytics", "personalization"],
        every_minutes=60,
        is_active=True,
    )


def grant(system: System) -> None:
    system.answers("/services/oauth2/token", {**recorded("token.json"), "instance_url": system.url})


def first_run(system: System, connection: Connection) -> Run:
    grant(system)
    system.answers("queryAll/?", recorded("page_1.json"))
    system.answers("/query/01g", recorded("page_2.json"))
    return run_connection(connection, started_by="test", clock=lambda: NOON)


def asked_query(system: System) -> str:
    path = next(got.path for got in reversed(system.got) if "queryAll" in got.path)
    return parse_qs(urlsplit(path).query)["q"][0]


def profile(user: str) -> Profile:
    return ProfileIdentifier.objects.get(pseudonym=Identifier("user", user).pseudonym).profile


def test_contacts_become_profiles_page_by_page(
    system: System, connection: Connection, consume: Callable[[], None]
) -> None:
    run = first_run(system, connection)
    consume()

    assert (run.state, run.read, run.created, run.refused) == ("done", 4, 3, 1)
    assert run.examples == [{"line": 3, "field": "Email", "message": str(NoIdentifier("email"))}]
    assert profile("anna").facts["traits"] == {
        "plan": "gold",
        "country": "DE",
        "industry": "Retail",
    }
    assert profile("anna").facts["provenance"]["plan"][0] == "salesforce"


def test_it_signs_in_and_asks_for_the_columns_of_the_mapping(
    system: System, connection: Connection
) -> None:
    first_run(system, connection)

    token, query, *_ = system.got
    assert parse_qs(token.body) == {
        "grant_type": ["client_credentials"],
        "client_id": ["3MVG9"],
        "client_secret": ["s3cret"],
    }
    assert query.headers["Authorization"] == f"Bearer {recorded('token.json')['access_token']}"
    assert asked_query(system) == (
        "SELECT Id, SystemModstamp, IsDeleted, Web_Login__c, Email, Plan__c, MailingCountry,"
        " Account.Industry FROM Contact ORDER BY SystemModstamp, Id"
    )


def test_the_next_run_goes_on_from_the_stamp_with_an_overlap_and_doubles_nothing(
    system: System, connection: Connection, consume: Callable[[], None]
) -> None:
    first_run(system, connection)
    consume()
    before = Event.objects.count()
    grant(system)
    system.answers("queryAll/?", recorded("later.json"))

    run = run_connection(connection, started_by="test", clock=lambda: NOON)
    consume()

    assert "WHERE SystemModstamp >= 2026-06-14T10:20:00Z ORDER" in asked_query(system)
    assert (run.read, run.unchanged, run.updated) == (2, 1, 1)
    assert Event.objects.count() == before + 1
    connection.refresh_from_db()
    assert connection.cursor == "2026-06-14T11:00:00.000+0000"


def test_what_was_deleted_there_is_cleared_here(
    system: System, connection: Connection, consume: Callable[[], None]
) -> None:
    first_run(system, connection)
    consume()
    grant(system)
    system.answers("queryAll/?", recorded("later.json"))

    run_connection(connection, started_by="test", clock=lambda: NOON)
    consume()

    assert profile("anna").facts["traits"] == {}


def test_a_run_that_breaks_off_keeps_what_it_read_and_goes_on_there(
    system: System, connection: Connection
) -> None:
    grant(system)
    system.answers("queryAll/?", recorded("page_1.json"))
    system.answers("/query/01g", {"error": "gone"}, status=500)

    run = run_connection(connection, started_by="test", clock=lambda: NOON)

    connection.refresh_from_db()
    assert (run.state, run.read, run.created) == ("failed", 2, 2)
    assert connection.cursor == "2026-06-14T09:30:00.000+0000"
    assert connection.failures == 1
    assert connection.next_run_at is not None
    assert (connection.next_run_at - NOON).total_seconds() == 300


@pytest.mark.parametrize(
    ("path", "name", "told"),
    [
        ("token", "denied.json", "It answered 400"),
        ("queryAll", "refused.json", "INVALID_FIELD"),
    ],
)
def test_a_refusal_is_told_without_the_secret(
    system: System, connection: Connection, path: str, name: str, told: str
) -> None:
    if path != "token":
        grant(system)
    system.answers(path, recorded(name), status=400)

    run = run_connection(connection, started_by="test", clock=lambda: NOON)

    assert run.state == "failed"
    assert told in run.message
    assert "s3cret" not in run.message


def test_a_dry_run_keeps_nothing(
    system: System, connection: Connection, consume: Callable[[], None]
) -> None:
    grant(system)
    system.answers("queryAll/?", recorded("page_1.json"))
    system.answers("/query/01g", recorded("page_2.json"))

    done = try_connection(connection, clock=lambda: NOON)
    consume()

    assert (done.created, done.reasons.total()) == (3, 1)
    assert not Event.objects.exists()
    assert not Run.objects.exists()
    connection.refresh_from_db()
    assert connection.cursor == ""


def test_a_field_that_is_none_is_not_put_into_the_query(
    system: System, connection: Connection
) -> None:
    connection.mapping = MAPPING.replace('"MailingCountry"', '"Id FROM User--"')
    grant(system)

    run = run_connection(connection, started_by="test", clock=lambda: NOON)

    assert "is no name of a Salesforce field" in run.message
