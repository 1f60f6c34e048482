"""From the stream into PostgreSQL and Redis: once, in order, and only with consent."""

from collections.abc import Callable, Collection
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from msgspec.structs import replace

from consent.keyspaces import redis_connection
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.events import storing
from personalization.events.accepted import AcceptedEvent
from personalization.events.models import Event
from personalization.events.tracking import track
from personalization.events.validating import validate
from personalization.pipeline import consuming
from personalization.profiles.facts import UNDECIDING, Facts, count_within, unpack
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.profiles.remembering import FACTS, IDENTIFIERS
from personalization.streams import stream
from tests.factories import NOON, agree, make_event, make_item

pytestmark = pytest.mark.django_db


def send(*events: dict[str, Any]) -> None:
    tracked = track(list(events), now=NOON)
    assert tracked.refused == ()


def consume() -> None:
    reader = stream.Reader(range(4))
    while consuming.consume_once(reader):
        pass


def facts_of(user_id: str) -> dict[str, Any]:
    profile = redis_connection().get(IDENTIFIERS.key(Identifier("user", user_id).pseudonym))
    assert profile is not None
    packed = redis_connection().get(FACTS.key(int(profile)))
    assert packed is not None
    return unpack(packed)


def without_provenance(facts: Facts) -> Facts:
    return facts | UNDECIDING


def test_an_accepted_event_becomes_a_row_and_a_fact() -> None:
    agree(user_id="anna")
    send(make_event(traits={"country": "France"}))

    consume()

    event = Event.objects.get()
    assert (event.type, event.item_id, event.properties["category"]) == (
        "item_view",
        "1001",
        "lanterns",
    )
    assert set(event.purposes) == {"functional", "analytics", "personalization", "training"}
    facts = facts_of("anna")
    assert facts["traits"] == {"country": "France"}
    assert without_provenance(Profile.objects.get(pk=event.profile_id).facts) == facts
    assert stream.backlog() == 0


def test_a_message_sent_again_changes_nothing() -> None:
    agree(user_id="anna")
    event = make_event()
    send(event, event)
    consume()
    send(event, {**event, "occurred_at": "2026-06-14T12:00:00Z"})

    consume()

    assert Event.objects.count() == 1
    days = facts_of("anna")["counts"]["item_view"]
    assert count_within(days, window=None, now=NOON) == 1


def test_a_consumer_that_died_before_the_commit_leaves_nothing_doubled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agree(user_id="anna")
    send(make_event())

    def die(profile_ids: Collection[int]) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(consuming, "mirror_identifiers", die)
        with pytest.raises(SystemExit):
            consume()
    assert Event.objects.count() == 0
    consume()

    assert Event.objects.count() == 1
    assert facts_of("anna") == without_provenance(Profile.objects.get().facts)


def test_consent_withdrawn_while_events_wait_drops_them() -> None:
    subject = agree(user_id="anna")
    send(make_event())
    withdrawn = {"analytics": False, "personalization": False}
    record_choices(subject=subject, choices=withdrawn, mechanism="API", now=NOON)

    consume()

    assert Event.objects.count() == 0
    assert Profile.objects.count() == 0
    assert stream.backlog() == 0


def test_analytics_alone_stores_events_but_no_facts() -> None:
    agree(user_id="anna", to=("analytics",))
    send(make_event(traits={"country": "France"}))

    consume()

    assert Event.objects.get().purposes == ["analytics"]
    assert facts_of("anna")["traits"] == {}
    assert facts_of("anna")["counts"] == {}


def test_personalization_alone_keeps_facts_but_no_events() -> None:
    agree(user_id="anna", to=("personalization",))
    send(make_event())

    consume()

    assert Event.objects.count() == 0
    assert facts_of("anna")["counts"]["item_view"]


def test_an_item_named_without_its_category_gets_it_from_the_catalogue() -> None:
    make_item("2002", category="bags")
    agree(user_id="anna")
    send(make_event(properties={"item_id": "2002"}))

    consume()

    assert list(facts_of("anna")["categories"]["item_view"]) == ["bags"]


def test_a_poison_entry_is_buried_and_the_rest_is_stored() -> None:
    agree(user_id="anna")
    stream.append([("anna", ["not", "an", "event"])])
    send(make_event())

    consume()

    assert Event.objects.count() == 1
    assert stream.backlog() == 0
    assert [name for name, _, _ in stream.waiting()] == [stream.DEAD.key("events")]


def test_what_waits_beside_an_event_that_cannot_be_stored_is_stored() -> None:
    agree(user_id="anna")
    good, bad = validate(make_event(), now=NOON), validate(make_event(), now=NOON)
    # It got past the door of an older version.
    unstorable = replace(bad, properties={"note": "a\x00b"})
    wires = [good, unstorable, validate(make_event(), now=NOON)]
    stream.append(("anna", wire) for wire in wires)

    consume()

    assert Event.objects.count() == 2
    ((_, _, buried),) = stream.waiting()
    assert [AcceptedEvent.from_wire(wire) for wire in buried] == [unstorable]


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_while_copying_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    agree(user_id="anna")
    send(make_event())
    reader = stream.Reader(range(4))
    monkeypatch.setattr(storing, "_as_columns", _as_columns_of_a_dying_server(storing._as_columns))

    with pytest.raises(OperationalError):
        consuming.consume_once(reader)
    monkeypatch.undo()
    connection.close()
    consume()

    assert Event.objects.count() == 1


def _as_columns_of_a_dying_server(original: Any) -> Any:
    def columns(row: Any) -> Any:
        with psycopg.connect(**_parameters(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return original(row)

    return columns


def _parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("dbname", "user", "host") if name in parameters}


def test_events_of_many_months_find_their_partitions() -> None:
    agree(user_id="anna")
    send(*(make_event(occurred_at=f"2025-{month:02}-03T00:00:00Z") for month in range(1, 13)))

    consume()

    assert Event.objects.count() == 12
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT tableoid) FROM events_event")
        assert cursor.fetchone() == (12,)


def test_signing_in_joins_what_the_browser_did_before() -> None:
    both = Subject.of(user_id="anna", anonymous_id="browser-1")
    everything = {"analytics": True, "personalization": True}
    record_choices(subject=both, choices=everything, mechanism="API", now=timezone.now())
    send(make_event(user_id=None, anonymous_id="browser-1"))
    consume()
    send(make_event(anonymous_id="browser-1"))

    consume()

    assert Profile.objects.count() == 1
    assert ProfileIdentifier.objects.count() == 2
    days = facts_of("anna")["counts"]["item_view"]
    assert count_within(days, window=None, now=NOON) == 2


def test_a_batch_asks_a_bounded_number_of_queries(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for n in range(50):
        agree(user_id=f"user-{n}")
    send(*(make_event(user_id=f"user-{n}") for n in range(50)))

    with django_assert_max_num_queries(40):
        consume()

    assert Profile.objects.count() == 50


def test_the_lines_of_an_order_are_one_purchase_and_all_their_money() -> None:
    agree(user_id="anna")
    lines = [
        make_event(
            type="purchase",
            properties={"item_id": str(n), "order_id": "o1", "category": category, "price": 10},
        )
        for n, category in enumerate(("mugs", "mugs", "lanterns"))
    ]
    other = make_event(type="purchase", properties={"item_id": "9", "order_id": "o2", "price": 1})
    refund = make_event(type="refund", properties={"item_id": "0", "order_id": "o1", "price": 10})
    send(*lines[:2])
    consume()
    send(lines[2], other, refund)

    consume()

    facts = facts_of("anna")
    assert sum(facts["counts"]["purchase"].values()) == 2
    assert sum(facts["sums"]["purchase"].values()) == 31
    assert sum(facts["categories"]["purchase"]["mugs"].values()) == 1
    assert sum(facts["categories"]["purchase"]["lanterns"].values()) == 1
    assert sum(facts["counts"]["refund"].values()) == 1


def test_acts_half_an_hour_apart_are_two_visits() -> None:
    agree(user_id="anna")
    times = ("09:00", "09:20", "10:30")
    send(*(make_event(occurred_at=f"2026-06-15T{at}:00Z") for at in times))

    consume()

    facts = facts_of("anna")
    assert sum(facts["counts"]["session"].values()) == 2
    assert (facts["session"]["number"], facts["session"]["events"]) == (2, 1)


def test_a_property_may_be_called_anything_though_its_value_is_odd() -> None:
    agree(user_id="anna")
    names = ['outlier:size, "cm"', "outlier:{a\\b}", "plain"]
    event = replace(validate(make_event(), now=NOON), flags=names)
    stream.append([(event.visitor, event)])

    consume()

    assert sorted(Event.objects.get().flags) == sorted(names)
