"""A change counts in every process, and no event costs a query."""

import time
from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from consent.keyspaces import patient_redis_connection, redis_connection
from personalization.events import standards
from personalization.events.models import EventMapping, EventSchema, IntakePolicy
from personalization.events.schema_versions import save_schema, withdraw_schema
from personalization.events.standards import announce, standards_in_force
from personalization.events.tracking import track
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db
NEEDS_COLOUR = {"properties": {"properties": {"type": "object", "required": ["colour"]}}}


def save(schema: dict[str, Any], kind: str = "item_view") -> EventSchema:
    return save_schema(type=kind, schema=schema, note="", by="anna", now=NOON)


def wait_for(digest: str) -> None:
    started = time.monotonic()
    while standards_in_force().digest != digest:
        assert time.monotonic() - started < 2


def test_a_saved_schema_counts_in_a_running_process_within_two_seconds(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    agree(user_id="anna")
    assert track([make_event()], now=NOON).accepted == 1

    with django_capture_on_commit_callbacks(execute=True):
        save(NEEDS_COLOUR)

    digest = redis_connection().get(standards.STANDARDS.key("digest")).decode()
    wait_for(digest)
    (refusal,) = track([make_event()], now=NOON).refused
    assert (refusal.field, refusal.message) == ("properties.colour", "This is missing.")


def test_events_cost_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    agree(user_id="anna")
    track([make_event()], now=NOON)

    with django_assert_num_queries(0):
        track([make_event() for _ in range(50)], now=NOON)


def test_each_schema_is_compiled_once_while_nothing_changes() -> None:
    announce()
    first = standards_in_force()
    standards._held.ask_at = float("-inf")

    assert standards_in_force() is first


def test_each_save_is_a_version_and_one_of_a_type_is_in_force() -> None:
    save(NEEDS_COLOUR)
    save({"type": "object"})

    assert list(
        EventSchema.objects.filter(type="item_view")
        .order_by("version")
        .values_list("version", "is_active")
    ) == [(1, False), (2, False), (3, True)]


def test_a_type_without_a_schema_in_force_is_unknown() -> None:
    agree(user_id="anna")
    IntakePolicy.objects.update(unknown_types=IntakePolicy.Unknown.QUARANTINE)
    withdraw_schema(type="item_view")

    (refusal,) = track([make_event()], now=NOON).refused

    assert refusal.field == "type"


def test_spellings_are_compared_without_case_but_item_ids_exactly() -> None:
    EventMapping.objects.create(kind="category", stated="Lampen", meant="lanterns")
    EventMapping.objects.create(kind="item", stated="Old", meant="1001")

    spellings = standards_in_force().spellings

    assert spellings.categories == {"lampen": "lanterns"}
    assert spellings.items == {"Old": "1001"}


def test_a_redis_that_lost_its_memory_is_told_again() -> None:
    digest, _ = announce()
    patient_redis_connection().flushdb()
    standards.forget()

    assert standards_in_force().digest == digest
    assert redis_connection().get(standards.STANDARDS.key("digest")).decode() == digest


def test_without_redis_what_was_known_last_stays_in_force(settings: LazySettings) -> None:
    known = standards_in_force()
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    redis_connection.cache_clear()
    standards._held.ask_at = float("-inf")

    assert standards_in_force() is known


def test_the_project_ships_a_schema_for_each_type_it_knows() -> None:
    shipped = set(EventSchema.objects.filter(is_active=True).values_list("type", flat=True))

    assert {
        "page_view",
        "item_view",
        "add_to_cart",
        "purchase",
        "refund",
        "search",
        "identify",
        "exposure",
    } <= shipped
