"""What is refused is kept for a week, of people who agreed, without direct identifiers."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from consent.keyspaces import redis_connection
from consent.stores import Person
from consent.subjects import Identifier, Subject
from personalization.events import refusing
from personalization.events.counting_refusals import refusal_counts
from personalization.events.models import IntakePolicy, RefusedEvent
from personalization.events.personal_data import RefusedEvents
from personalization.events.refusing import delete_old
from personalization.events.schema_versions import save_schema
from personalization.events.setting_apart import as_it_came
from personalization.events.standards import announce, standards_now
from personalization.events.tracking import track
from personalization.streams import stream
from personalization.vault.sealing import Tampered
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def not_paused() -> Iterator[None]:
    refusing._paused_until["until"] = float("-inf")
    yield
    refusing._paused_until["until"] = float("-inf")


def payload(event: RefusedEvent) -> dict[str, Any]:
    return dict(json.loads(bytes(event.payload)))


def test_a_refused_event_is_kept_with_reason_field_source_and_time() -> None:
    agree(user_id="anna")
    raw = make_event(properties={"price": "free"})

    track([raw, make_event()], now=NOON, source="segment")

    kept = RefusedEvent.objects.get()
    assert (kept.kind, kept.type, kept.field, kept.source, kept.received_at) == (
        "refused",
        "item_view",
        "properties.price",
        "segment",
        NOON,
    )
    assert kept.reason == "Use a number, zero or more."
    assert payload(kept) == raw


def test_of_a_visitor_who_did_not_agree_nothing_is_kept_but_a_count() -> None:
    wrong = make_event(user_id="stranger", properties={"price": "free"})

    track([wrong, make_event(user_id="stranger")], now=NOON)

    assert not RefusedEvent.objects.exists()
    assert {(one.field, one.events) for one in refusal_counts(days=1, now=NOON)} == {
        ("properties.price", 1),
        ("consent", 1),
    }
    assert not [key for key in redis_connection().scan_iter() if b"stranger" in key]


@pytest.mark.parametrize(
    "raw",
    [
        "nonsense",
        make_event(user_id=None),
        make_event(user_id="undefined"),
        make_event(user_id=7),
        {"type": ["item_view"]},
    ],
)
def test_of_an_event_of_nobody_nothing_is_kept(raw: Any) -> None:
    agree(user_id="undefined")

    assert track([raw], now=NOON, vouched=["analytics"]).refused

    assert not RefusedEvent.objects.exists()


def test_direct_identifiers_are_in_the_clear_at_no_depth() -> None:
    agree(user_id="anna")
    raw = make_event(
        colour="red",
        email="anna@example.com",
        traits={"email": "Anna@Example.com", "phone": "+44 1", "zipCode": "LS1 4AP"},
        identifiers={"crm": "C-77"},
        context={"ip": "192.0.2.7", "page": "/"},
        properties={"about": [{"First_Name": "Anna", "size": 3}]},
    )

    track([raw], now=NOON)

    kept = RefusedEvent.objects.get()
    written = bytes(kept.payload).decode().lower()
    assert "example.com" not in written
    assert "c-77" not in written
    assert "ls1" not in written
    assert b"example.com" not in bytes(kept.sealed).lower()
    assert as_it_came(kept) == raw | {"context": {"page": "/"}}
    assert "192.0.2.7" not in written
    assert payload(kept)["properties"] == {"about": [{"size": 3}]}
    assert kept.identifiers["email"] == Identifier("email", "anna@example.com").pseudonym
    assert kept.identifiers["crm"] == Identifier("crm", "C-77").pseudonym


def test_what_says_nobodys_name_is_not_sealed_besides() -> None:
    agree(user_id="anna")

    track([make_event(properties={"price": "free"})], now=NOON)

    assert bytes(RefusedEvent.objects.get().sealed) == b""


def test_what_is_sealed_opens_in_no_other_row() -> None:
    agree(user_id="anna")
    for one in ("a@example.com", "b@example.com"):
        track([make_event(traits={"email": one}, properties={"price": "free"})], now=NOON)
    first, second = RefusedEvent.objects.order_by("pk")

    first.sealed = second.sealed

    with pytest.raises(Tampered):
        as_it_came(first)


def test_two_events_that_differ_by_an_address_alone_are_both_kept() -> None:
    agree(user_id="anna")
    raw = make_event(properties={"price": "free"})

    for one in ("a@example.com", "b@example.com"):
        track([raw | {"traits": {"email": one}}], now=NOON)

    assert RefusedEvent.objects.count() == 2


def test_an_erasure_finds_it_by_an_address_spelled_in_any_way() -> None:
    agree(user_id="anna")
    raw = make_event(traits={"E-Mail": "Anna@Example.com"}, properties={"price": "free"})
    track([raw], now=NOON)
    pseudonym = Identifier("email", "anna@example.com").pseudonym
    person = Person(pseudonyms=frozenset({pseudonym}), profile_ids=frozenset())

    [told] = RefusedEvents().export(person)
    RefusedEvents().erase(person)

    assert "Anna@Example.com" in told["event"]
    assert not RefusedEvent.objects.exists()


def test_an_unknown_type_is_accepted_or_kept_aside_as_the_policy_says() -> None:
    agree(user_id="anna")
    assert track([make_event(type="sofa_sat_on")], now=NOON).accepted == 1
    IntakePolicy.objects.update(unknown_types=IntakePolicy.Unknown.QUARANTINE)
    announce()
    standards_now()

    tracked = track([make_event(type="sofa_sat_on")], now=NOON)

    assert tracked.accepted == 0
    kept = RefusedEvent.objects.get()
    assert (kept.kind, kept.type, kept.field) == ("quarantined", "sofa_sat_on", "type")


def test_the_same_event_sent_again_is_kept_once() -> None:
    agree(user_id="anna")
    raw = make_event(properties={"price": "free"})

    for _ in range(3):
        track([raw], now=NOON)

    assert RefusedEvent.objects.count() == 1


@pytest.mark.parametrize(
    "value", ["a\x00b", "\ud800", float("nan"), 10**30, json.loads("[" * 300 + "]" * 300)]
)
def test_what_postgresql_has_no_text_for_is_kept_all_the_same(value: Any) -> None:
    agree(user_id="anna")

    track([make_event(properties={"note": value})], now=NOON)

    assert RefusedEvent.objects.get().field.startswith("properties.note")


def test_what_is_too_large_is_refused_and_not_kept() -> None:
    agree(user_id="anna")

    tracked = track([make_event(properties={"note": "x" * 100_000})], now=NOON)

    assert tracked.refused[0].field == "properties"
    assert not RefusedEvent.objects.exists()


def test_a_sender_gone_wild_does_not_fill_the_disk(settings: LazySettings) -> None:
    settings.EVENT_REFUSED_KEPT_A_DAY = 10
    agree(user_id="anna")

    for _ in range(3):
        track([make_event(properties={"price": "free"}) for _ in range(7)], now=NOON)

    assert RefusedEvent.objects.count() == 10


@contextmanager
def no_table() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_refusedevent RENAME TO gone")
        yield
        cursor.execute("ALTER TABLE gone RENAME TO events_refusedevent")


def test_the_door_answers_when_the_database_does_not() -> None:
    agree(user_id="anna")

    with no_table():
        tracked = track([make_event(properties={"price": "free"}), make_event()], now=NOON)

    assert (tracked.accepted, len(tracked.refused)) == (1, 1)
    assert stream.backlog() == 1


def test_after_a_failure_the_door_leaves_the_database_alone_for_a_while(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    agree(user_id="anna")
    with no_table():
        track([make_event(properties={"price": "free"})], now=NOON)

    with django_assert_num_queries(0):
        tracked = track([make_event(properties={"price": "free"})], now=NOON)

    assert len(tracked.refused) == 1


def test_after_seven_days_it_is_gone() -> None:
    agree(user_id="anna")
    track([make_event(properties={"price": "a"})], now=NOON - timedelta(days=7))
    track([make_event(properties={"price": "b"})], now=NOON - timedelta(days=6, hours=23))

    assert delete_old(now=NOON) == 1

    assert RefusedEvent.objects.get().received_at == NOON - timedelta(days=6, hours=23)


def test_a_person_finds_and_erases_their_refused_events_by_any_identifier() -> None:
    agree(user_id="anna")
    agree(user_id="bert")
    traits = {"email": "anna@example.com"}
    track([make_event(traits=traits, colour="red"), make_event(colour="red")], now=NOON)
    track([make_event(user_id="bert", colour="red")], now=NOON)
    store = RefusedEvents()
    by_email = Person(frozenset({Identifier("email", "ANNA@example.com").pseudonym}), frozenset())
    by_account = Person(frozenset(Subject.of(user_id="anna").pseudonyms), frozenset())

    assert (store.count(by_email), store.count(by_account)) == (1, 2)
    assert len(list(store.export(by_account))) == 2
    store.erase(by_account)
    store.erase(by_account)

    assert (store.count(by_email), store.count(by_account)) == (0, 0)
    assert RefusedEvent.objects.count() == 1


def test_refusals_are_counted_by_the_fields_that_rules_and_schemas_name() -> None:
    size = {"type": "object", "properties": {"cm": {"type": "number"}}}
    described = {"sku": {}, "size": size, "a|b": {"type": "number"}}
    strict = {"properties": described, "required": ["sku"], "additionalProperties": False}
    schema = {"properties": {"properties": strict}}
    save_schema(type="item_view", schema=schema, note="", by="anna", now=NOON)
    announce()
    standards_now()
    refused = [
        {},
        {"sku": "1", "size": {"cm": "tall"}},
        {"sku": "1", "a|b": "text"},
        {"sku": "1", "made_up_by_a_sender": 1},
    ]

    track([make_event(properties=one) for one in refused], now=NOON)

    assert {one.field for one in refusal_counts(days=1, now=NOON)} == {
        "properties.sku",
        "properties.size",
        "properties.a|b",
        "properties",
    }
