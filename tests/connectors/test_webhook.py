"""Systems that call us: signed, taken once, mapped to people or events."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from personalization.connectors.models import Connection, Run
from personalization.connectors.webhook import sign
from personalization.events.models import Event
from personalization.profiles.models import Profile

pytestmark = pytest.mark.django_db
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAPPING = """
source = "helpdesk"
key = "id"
[identifiers]
email = "customer.email"
[traits]
plan = "customer.plan"
"""
EVENTS = """
source = "tills"
key = "receipt"
changed_at = "at"
[identifiers]
crm = "card"
[event]
column = "kind"
values = { SALE = "purchase", RETURN = "refund" }
[properties]
item_id = "sku"
price = { column = "price", as = "number" }
"""
ANNA = {"id": 1, "customer": {"email": "anna@example.org", "plan": "pro"}}


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setenv("CONNECTOR_SECRET_DESK", SECRET)
    return Connection.objects.create(
        key="desk",
        name="Help desk",
        kind="webhook",
        settings={"records_at": ""},
        secret_variable="CONNECTOR_SECRET_DESK",
        mapping=MAPPING,
        vouched_purposes=["analytics", "personalization"],
        is_active=True,
    )


def deliver(client: Client, body: Any, **changes: Any) -> Any:
    said = {
        "id": "msg_1",
        "timestamp": str(int(timezone.now().timestamp())),
        "secret": SECRET,
        "key": "desk",
        **changes,
    }
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = said.get("signature") or sign(
        said["id"], said["timestamp"], raw, secret=said["secret"]
    )
    return client.post(
        f"/v1/sources/{said['key']}",
        raw,
        content_type="application/json",
        headers={
            "webhook-id": said["id"],
            "webhook-timestamp": said["timestamp"],
            "webhook-signature": f"v1,c29tZXRoaW5nIG9sZA== {signature}",
        },
    )


def test_a_signed_delivery_becomes_a_profile(
    client: Client, source: Connection, consume: Callable[[], None]
) -> None:
    answer = deliver(client, ANNA)
    consume()

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "refused": []})
    assert Profile.objects.get().facts["traits"] == {"plan": "pro"}


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of https://www.standardwebhooks.com."""
    body = b'{"test": 2432232314}'

    assert (
        sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, secret=SECRET)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_delivery_that_is_repeated_is_taken_once(
    client: Client, source: Connection, consume: Callable[[], None]
) -> None:
    for _ in range(2):
        assert deliver(client, ANNA).json()["accepted"] == 1
        consume()
    deliver(client, ANNA, id="msg_2")
    consume()

    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "whsec_AAAA"},
        {"timestamp": "1614265330"},
        {"timestamp": "soon"},
        {"id": ""},
        {"id": "m" * 65},
        {"key": "nobody"},
        {"signature": "v2,abc"},
    ],
)
def test_what_is_not_signed_is_refused_and_not_told_why(
    client: Client, source: Connection, changes: dict[str, str]
) -> None:
    answers = [deliver(client, ANNA, **changes), deliver(client, ANNA, key="other")]

    assert {one.status_code for one in answers} == {401}
    assert answers[0].content == answers[1].content
    assert not Run.objects.exists()


def test_a_body_that_was_changed_on_the_way_is_refused(client: Client, source: Connection) -> None:
    now = str(int(timezone.now().timestamp()))
    signature = sign("msg_1", now, b"{}", secret=SECRET)

    assert deliver(client, ANNA, timestamp=now, signature=signature).status_code == 401


def test_records_become_events_where_the_mapping_says_so(
    client: Client, source: Connection, consume: Callable[[], None]
) -> None:
    source.mapping, source.settings = EVENTS, {"records_at": "sales"}
    source.save()
    now = timezone.now().isoformat()
    sale = {"receipt": 7, "at": now, "card": "C1", "kind": "SALE", "sku": "1001", "price": "3.50"}

    answer = deliver(client, {"sales": [sale, {**sale, "kind": "GIFT"}, "odd"]})
    consume()

    event = Event.objects.get()
    assert (event.type, event.item_id, float(event.value or 0)) == ("purchase", "1001", 3.5)
    assert [(one["index"], one["field"]) for one in answer.json()["refused"]] == [
        (1, "kind"),
        (2, ""),
    ]


def test_the_deliveries_of_a_day_are_one_run(
    client: Client, source: Connection, consume: Callable[[], None]
) -> None:
    deliver(client, ANNA)
    consume()
    deliver(client, [ANNA, {"id": 2}], id="msg_2")

    run = Run.objects.get()
    assert (run.state, run.read, run.created, run.updated, run.refused) == ("done", 3, 1, 1, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{broken", 400), ([ANNA] * 1_001, 413), (b'{"x": "' + b"x" * 500_000 + b'"}', 413)],
)
def test_a_body_that_cannot_be_read_is_refused(
    client: Client, source: Connection, body: Any, status: int
) -> None:
    assert deliver(client, body).status_code == status


def test_a_source_that_is_switched_off_takes_nothing(client: Client, source: Connection) -> None:
    Connection.objects.update(is_active=False)

    assert deliver(client, ANNA).status_code == 401
