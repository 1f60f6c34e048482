"""What Segment's messages are here."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.doors.segment import Received, translate
from personalization.events.accepted import AcceptedEvent
from personalization.events.enriching import with_context
from personalization.events.keepable import EventRefused
from personalization.events.normalising import normalise
from personalization.events.validating import validate
from personalization.vault.carrying import open_from_stream
from tests.factories import NOON

WHO = {"userId": "anna", "messageId": "m1"}


def events_of(message: dict[str, Any], kind: str = "track", sent_at: Any = None) -> list[Any]:
    return translate(Received({**WHO, **message}, kind, sent_at, NOON))


def accepted(message: dict[str, Any], kind: str = "track") -> list[AcceptedEvent]:
    events = [with_context(event, now=NOON) for event in events_of(message, kind)]
    return [validate(event, now=NOON) for event in events]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Product Viewed", "item_view"),
        ("Viewed Product", "item_view"),
        ("Product Added", "add_to_cart"),
        ("Product Removed", "remove_from_cart"),
        ("Products Searched", "search"),
        ("Product List Viewed", "list_view"),
        ("Order Completed", "purchase"),
        ("Order Refunded", "refund"),
        ("Report Submitted", "report_submitted"),
        ("reportSubmitted", "report_submitted"),
        ("Über uns", "uber_uns"),
        ("3D View", "event_3d_view"),
        ("Größe", "grosse"),
        ("  ", "unnamed"),
        ("x" * 200, "x" * 64),
    ],
)
def test_a_track_call_gets_the_name_we_know_it_by(name: str, kind: str) -> None:
    (event,) = accepted({"event": name})

    assert event.type == kind


def test_an_order_becomes_one_purchase_for_each_line() -> None:
    lines = [
        {"product_id": "1001", "price": "3.50", "quantity": 2, "name": "White Lantern"},
        {"product_id": "1002", "price": 1, "quantity": 1},
    ]
    order = {"orderId": "A1", "revenue": 8, "currency": "GBP", "products": lines}

    first, second = accepted({"event": "Order Completed", "properties": order})

    assert (first.message_id, second.message_id) == ("m1", "m1:1")
    assert (first.type, first.value, second.value) == ("purchase", 7.0, 1.0)
    assert first.properties["item_id"] == "1001"
    assert {e.properties["order_id"] for e in (first, second)} == {"A1"}
    assert {e.properties["order_value"] for e in (first, second)} == {8}


def test_an_order_whose_lines_have_no_price_counts_what_the_order_says() -> None:
    order = {"order_id": "A1", "total": 8, "products": [{"product_id": "1"}, {"product_id": "2"}]}

    events = accepted({"event": "Order Refunded", "properties": order})

    assert [event.value for event in events] == [8, None]


def test_the_value_of_a_line_is_its_price_times_its_quantity() -> None:
    lines = [{"product_id": "1", "price": 2, "quantity": 3, "value": 600}]

    (event,) = accepted({"event": "Order Completed", "properties": {"products": lines}})

    assert event.value == 6


def test_an_order_without_lines_is_one_purchase() -> None:
    (event,) = accepted(
        {"event": "Order Completed", "properties": {"order_id": "A1", "revenue": 25}}
    )

    assert (event.type, event.value) == ("purchase", 25)


def test_a_list_names_the_items_it_showed() -> None:
    shown = {"category": "lanterns", "products": [{"product_id": "1001"}, {"product_id": "1002"}]}

    (event,) = accepted({"event": "Product List Viewed", "properties": shown})

    assert event.properties == {"category": "lanterns", "items": ["1001", "1002"]}


def test_a_shop_says_where_its_item_ids_stand(settings: Any) -> None:
    settings.EVENT_ITEM_ID_FIELDS = ["sku"]

    (event,) = accepted(
        {"event": "Product Viewed", "properties": {"product_id": "507f", "sku": "G-32"}}
    )

    assert event.properties["item_id"] == "G-32"


def test_what_does_not_fit_is_kept_under_another_name() -> None:
    (event,) = accepted(
        {"event": "Slider Moved", "properties": {"value": "high", "price": "2.50", "category": 7}}
    )

    assert event.properties == {"value_as_sent": "high", "price": 2.5, "category": "7"}


def test_a_wrong_clock_is_corrected_by_when_it_was_sent() -> None:
    slow = timedelta(hours=3)
    original, sent = NOON - slow - timedelta(seconds=20), NOON - slow

    (event,) = events_of(
        {"event": "x", "timestamp": original.isoformat()}, sent_at=sent.isoformat()
    )

    assert event["occurred_at"] == (NOON - timedelta(seconds=20)).isoformat()


def test_without_the_time_of_sending_the_stated_time_is_kept() -> None:
    (event,) = events_of({"event": "x", "timestamp": "2026-06-01T10:00:00"})

    assert event["occurred_at"] == "2026-06-01T10:00:00+00:00"


def test_nested_traits_are_flattened_and_lists_become_text() -> None:
    traits = {
        "totalBilled": 830,
        "company": {"name": "Initech", "plan": {"name": "pro"}},
        "likes": ["red", "blue"],
        "visits": [{"country": "France"}],
        "address": {"street": "6th St", "country": "France"},
        "email": "anna@example.com",
        "firstName": "Anna",
        "emergency": {"phone": "123", "reachable": True},
    }

    (event,) = accepted({"traits": traits}, "identify")

    assert event.traits == {
        "total_billed": 830,
        "company_name": "Initech",
        "company_plan_name": "pro",
        "likes": "red, blue",
        "country": "France",
        "emergency_reachable": True,
    }
    assert event.properties == {"traits": {"visits": [{"country": "France"}]}}
    assert event.identifiers["email"]


def test_who_a_person_says_to_be_goes_along_sealed() -> None:
    traits = {
        "email": "anna@example.com",
        "firstName": "Anna",
        "address": {"street": "6th St", "postalCode": "75001", "country": "France"},
        "emergency": {"phone": "123"},
    }

    (event,) = accepted({"traits": traits}, "identify")

    assert event.traits == {"country": "France"}
    assert open_from_stream(event.sealed, message_id=event.message_id) == {
        "email": "anna@example.com",
        "first_name": "Anna",
        "street": "6th St",
        "postcode": "75001",
    }


def test_more_traits_than_a_profile_takes_at_once_are_kept_beside() -> None:
    (event,) = accepted({"traits": {f"t{n}": n for n in range(80)}}, "identify")

    assert len(event.traits) == 50
    assert len(event.properties["traits"]) == 30


def test_nobody_is_named_at_any_depth() -> None:
    properties = {
        "invitee_email": "anna@example.com",
        "invitee": {"email": "anna@example.com", "role": "Owner"},
        "guests": [{"firstName": "anna@example.com"}],
        "campaign": {"name": "Spring"},
    }
    context = {"ip": "8.8.8.8", "device": {"advertisingId": "anna@example.com", "type": "ios"}}

    (event,) = accepted({"event": "Invite Sent", "properties": properties, "context": context})

    assert "anna@example.com" not in repr(event)
    assert "8.8.8.8" not in repr(event)
    assert event.properties["campaign"] == {"name": "Spring"}
    assert event.properties["invitee"] == {"role": "Owner"}
    assert event.context["device"] == "mobile"


def test_an_alias_links_the_browser_to_the_account() -> None:
    (event,) = accepted({"previousId": "browser-1", "anonymousId": "other"}, "alias")

    assert (event.type, event.anonymous_id, event.user_id) == ("identify", "browser-1", "anna")


def test_a_group_says_what_it_is_beside_and_not_as_a_trait_of_the_person() -> None:
    (event,) = accepted({"groupId": "g1", "traits": {"name": "Initech", "plan": "pro"}}, "group")

    assert event.properties == {"group_id": "g1", "group_name": "Initech", "group_plan": "pro"}
    assert event.traits == {}


def test_ids_that_name_nobody_are_left_out() -> None:
    (event,) = accepted({"event": "x", "userId": "undefined", "anonymousId": "b1"})

    assert (event.anonymous_id, event.user_id) == ("b1", "")


def test_ids_in_snake_case_are_ids() -> None:
    (event,) = accepted({"event": "x", "userId": None, "user_id": "anna", "anonymous_id": 7})

    assert (event.anonymous_id, event.user_id) == ("7", "anna")


def test_a_message_that_names_nobody_is_a_visitor_of_its_own() -> None:
    (one,) = accepted({"event": "x", "userId": None})
    (again,) = accepted({"event": "x", "userId": None})
    (other,) = accepted({"event": "x", "userId": None, "messageId": "m2"})

    assert one.anonymous_id == again.anonymous_id != other.anonymous_id


def test_messages_without_an_id_are_each_new_and_long_ids_stay_the_same() -> None:
    message = {"event": "x", "messageId": None}
    twins = [translate(Received({**WHO, **message}, "track", None, NOON, nth)) for nth in (0, 1)]
    (first,) = events_of({"event": "x", "messageId": "m" * 300})
    (second,) = events_of({"event": "y", "messageId": "m" * 300})

    assert twins[0][0]["message_id"] != twins[1][0]["message_id"]
    assert first["message_id"] == second["message_id"]


# What passes the door's reader: no NUL, no half of a pair, numbers that can be kept.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
NAMES = ["event", "userId", "messageId", "timestamp", "properties", "traits", "context", "name"]


@given(
    st.sampled_from(["track", "identify", "page", "group", "alias"]),
    st.dictionaries(st.sampled_from([*NAMES, "sentAt", "previousId", "groupId"]), JSON, max_size=5),
)
def test_odd_messages_are_translated_or_refused_but_never_break(
    kind: str, message: dict[str, Any]
) -> None:
    try:
        for event in translate(Received(message, kind, None, NOON)):
            validate(event, now=NOON)
    except EventRefused as refusal:
        assert refusal.field in {"type", "user_id", "anonymous_id", "occurred_at"}  # noqa: PT017


def test_an_order_in_a_currency_that_there_is_not_is_kept_with_what_was_sent() -> None:
    line = {"product_id": "1001", "price": 3, "quantity": 1}
    order = {"order_id": "7", "currency": "BTC", "products": [line]}

    (event,) = accepted({"event": "Order Completed", "properties": order})

    assert event.type == "purchase"
    assert event.properties["currency_as_sent"] == "BTC"
    assert "currency" not in event.properties
    # Three of something else are not three of the shop's currency.
    assert (event.properties["price_as_sent"], event.value) == (3, None)
    assert normalise(event).flags == ["unknown:properties.currency_as_sent"]
