"""Refused events are let in after all when the schema is mended: once, and only with consent."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection
from msgspec.structs import replace

from consent.keyspaces import patient_redis_connection
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.events.accepted import AcceptedEvent
from personalization.events.models import Event, IntakePolicy, RefusedEvent
from personalization.events.replaying import replay
from personalization.events.schema_versions import save_schema
from personalization.events.standards import announce, standards_now
from personalization.events.tracking import track
from personalization.profiles.models import ProfileIdentifier
from personalization.streams import stream
from personalization.vault.carrying import open_from_stream
from personalization.vault.keeping import known
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db
STRICT = {"properties": {"properties": {"type": "object", "required": ["colour"]}}}


def put_into_force(schema: dict[str, Any], kind: str = "item_view") -> None:
    save_schema(type=kind, schema=schema, note="", by="anna", now=NOON)
    announce()
    standards_now()


@pytest.fixture
def refused() -> None:
    """Three events of Anna's that a strict schema refused, which is mended since."""
    agree(user_id="anna")
    put_into_force(STRICT)
    events = [make_event(traits={"email": "anna@example.com"}) for _ in range(3)]
    assert track(events, now=NOON, source="segment").accepted == 0
    put_into_force({"type": "object"})


def test_what_passes_now_is_stored_once_as_of_when_it_came(
    refused: None, consume: Callable[[], None]
) -> None:
    done = replay(RefusedEvent.objects.all(), now=NOON)
    consume()

    assert (done.accepted, done.refused) == (3, 0)
    assert not RefusedEvent.objects.exists()
    assert Event.objects.count() == 3
    event = Event.objects.first()
    assert event
    assert (event.source, event.received_at) == ("segment", NOON)
    email = Identifier("email", "anna@example.com").pseudonym
    assert ProfileIdentifier.objects.filter(pseudonym=email).exists()


def test_a_replay_loses_nothing_of_what_would_have_been_accepted(
    consume: Callable[[], None],
) -> None:
    agree(user_id="anna")
    raw = make_event(
        traits={"E-Mail": "anna@example.com", "plan": "pro", "city": "Leeds"},
        identifiers={"crm": "C-77", "phone": "+44 12345"},
        properties={"item_id": "1", "lines": [{"name": "White Lantern"}]},
    )
    track([raw | {"message_id": "straight"}], now=NOON)
    put_into_force(STRICT)
    assert track([raw | {"message_id": "later"}], now=NOON).accepted == 0
    put_into_force({"type": "object"})

    replay(RefusedEvent.objects.all(), now=NOON)
    straight, later = (
        AcceptedEvent.from_wire(payload)
        for _, _, payloads in stream.waiting()
        for payload in payloads
    )

    sealed = [open_from_stream(one.sealed, message_id=one.message_id) for one in (straight, later)]
    assert (
        sealed[0]
        == sealed[1]
        == {"email": "anna@example.com", "city": "Leeds", "phone": "+44 12345"}
    )
    assert replace(later, message_id="", sealed=b"", flags=[]) == replace(
        straight, message_id="", sealed=b"", flags=[]
    )
    consume()
    profile = ProfileIdentifier.objects.get(kind="user").profile_id
    assert {(one.name, one.value) for one in known([profile])} == {
        ("email", "anna@example.com"),
        ("city", "Leeds"),
        ("phone", "+44 12345"),
    }


def test_without_its_key_a_refused_event_stays_and_says_so(
    refused: None, settings: LazySettings
) -> None:
    former = settings.VAULT_KEYS
    settings.VAULT_KEYS = ["next:" + "A" * 43 + "="]

    done = replay(RefusedEvent.objects.all(), now=NOON)

    assert (done.accepted, done.refused) == (0, 3)
    assert "VAULT_KEYS" in RefusedEvent.objects.all()[0].reason
    settings.VAULT_KEYS = former
    assert replay(RefusedEvent.objects.all(), now=NOON).accepted == 3


def test_replaying_twice_accepts_nothing_twice(refused: None, consume: Callable[[], None]) -> None:
    rows = list(RefusedEvent.objects.all())
    replay(RefusedEvent.objects.all(), now=NOON)
    RefusedEvent.objects.bulk_create(rows)  # as if the deletion had been rolled back

    replay(RefusedEvent.objects.all(), now=NOON)
    consume()

    assert Event.objects.count() == 3


def test_what_is_still_wrong_stays_with_its_new_reason(refused: None) -> None:
    put_into_force({"properties": {"properties": {"required": ["size"]}}})

    done = replay(RefusedEvent.objects.all(), now=NOON)

    assert (done.accepted, done.refused) == (0, 3)
    assert set(RefusedEvent.objects.values_list("field", flat=True)) == {"properties.size"}


def test_whoever_agrees_no_longer_is_not_let_in_and_not_kept(refused: None) -> None:
    no = {"analytics": False, "personalization": False}
    record_choices(subject=Subject.of(user_id="anna"), choices=no, mechanism="API", now=NOON)

    done = replay(RefusedEvent.objects.all(), now=NOON)

    assert (done.accepted, done.withdrawn) == (0, 3)
    assert not RefusedEvent.objects.exists()
    assert stream.backlog() == 0


def test_without_the_stream_nothing_is_lost(refused: None, settings: LazySettings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    patient_redis_connection.cache_clear()

    with pytest.raises(stream.StreamUnavailable):
        replay(RefusedEvent.objects.all(), now=NOON)

    assert RefusedEvent.objects.count() == 3


def test_what_was_kept_aside_is_let_in_when_its_type_is_described(
    consume: Callable[[], None],
) -> None:
    agree(user_id="anna")
    IntakePolicy.objects.update(unknown_types=IntakePolicy.Unknown.QUARANTINE)
    announce()
    track([make_event(type="sofa_sat_on")], now=NOON)
    put_into_force({"type": "object"}, kind="sofa_sat_on")

    done = replay(RefusedEvent.objects.all(), now=NOON)
    consume()

    assert done.accepted == 1
    assert Event.objects.get().type == "sofa_sat_on"


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_is_letting_in_right_now_is_left_to_them(refused: None) -> None:
    held = "SELECT 1 FROM events_refusedevent FOR UPDATE"
    parameters = connection.get_connection_params()
    own = {name: parameters[name] for name in ("dbname", "user", "host") if name in parameters}
    with psycopg.connect(**own) as somebody_else, connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")  # waiting for them would be wrong as well
        somebody_else.execute(held)
        meanwhile = replay(RefusedEvent.objects.all(), now=NOON)
        somebody_else.rollback()

    afterwards = replay(RefusedEvent.objects.all(), now=NOON)

    assert (meanwhile.accepted, afterwards.accepted) == (0, 3)
